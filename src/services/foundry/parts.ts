import type { Ctx } from '../../context.ts';
import type { Catalog, Dialect } from '../../domain/foundry/catalog.ts';
import type { Guard } from '../../domain/foundry/guard.ts';
import type { Planned } from '../../domain/foundry/plan.ts';
import { type PruneLimits, prune } from '../../foundry/catalog/prune.ts';
import { guardFor } from '../../foundry/guard/guard-for.ts';
import { type PlanQuestion, planQuestion } from '../../foundry/planner/plan.ts';
import { foundrySchema, type TenantCatalog } from './schema.ts';

/** What asking is made of, each with its own tests. */
export interface FoundryParts {
  schema(ctx: Ctx): Promise<TenantCatalog>;
  prune(catalog: Catalog, question: string, limits: PruneLimits): Catalog;
  guardFor(dialect: Dialect): Guard;
  /** The built-in planner. */
  planQuestion(request: PlanQuestion): Planned;
}

export const FOUNDRY_PARTS: FoundryParts = {
  schema: foundrySchema,
  prune,
  guardFor,
  planQuestion,
};
