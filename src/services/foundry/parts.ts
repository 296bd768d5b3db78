import type { Ctx } from '../../context.ts';
import type { Catalog, Dialect, FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Guard } from '../../domain/foundry/guard.ts';
import type { Planned, Turn } from '../../domain/foundry/plan.ts';
import { type PruneLimits, prune } from '../../foundry/catalog/prune.ts';
import { guardFor } from '../../foundry/guard/guard-for.ts';
import { foundrySchema, type TenantCatalog } from './schema.ts';

export interface PlanRequest {
  question: string;
  context: readonly Turn[];
  catalog: Catalog;
  sources: readonly FoundryTarget[];
  now: Date;
}

/** What asking is made of, each with its own tests. */
export interface FoundryParts {
  schema(ctx: Ctx): Promise<TenantCatalog>;
  prune(catalog: Catalog, question: string, limits: PruneLimits): Catalog;
  guardFor(dialect: Dialect): Guard;
  /** The built-in planner. */
  planQuestion(request: PlanRequest): Planned;
}

export const FOUNDRY_PARTS: FoundryParts = {
  schema: foundrySchema,
  prune,
  guardFor,
  planQuestion: () => ({ kind: 'unanswerable', reason: 'No model is configured to plan it.' }),
};
