import type { Ctx } from '../../context.ts';
import type { CatalogSource, CatalogTable } from '../../domain/foundry/catalog.ts';
import type { Plan } from '../../domain/foundry/plan.ts';
import { AppError, messageOf, UnavailableError } from '../../errors.ts';
import { safeWords } from '../../foundry/safe-words.ts';
import type { QueryStore, StoreAnswer } from '../../ports/query-store.ts';
import type { FoundryParts } from './parts.ts';
import type { TenantCatalog } from './schema.ts';

/** What became of one plan. */
export type Attempt =
  | {
      kind: 'answered';
      plan: Plan;
      /** What ran: as the guard printed it. */
      query: string;
      answer: StoreAnswer;
    }
  | {
      kind: 'refused' | 'failed';
      plan: Plan;
      code: string;
      /** Public. */
      message: string;
      /** Another query for the same question may do better. */
      isRepairable: boolean;
    };

/** Guards a plan's query against the tenant's whole catalog and runs it on its store. Throws only what is not the query's fault, and an aborted signal's reason. */
export async function attempt(
  ctx: Ctx,
  plan: Plan,
  { tenant, catalog }: TenantCatalog,
  guardFor: FoundryParts['guardFor'],
  signal: AbortSignal,
): Promise<Attempt> {
  const source = catalog.sources.find(({ target }) => target === plan.target);
  const store = ctx.stores.find(({ target }) => target === plan.target);
  if (source === undefined || store === undefined) return notThere(plan, catalog.sources);
  if (!source.available) return away(plan);
  const { maxRows, maxBytes, timeoutMs } = ctx.settings.foundry;
  const { tables } = source;
  const about = { attributes: { 'ivory.target': plan.target } };
  const verdict = await ctx.tracing.span('foundry.guard', about, async (span) => {
    const { tenantId } = ctx;
    const judged = await guardFor(source.dialect)({ tenantId, query: plan.query, tables, maxRows });
    if (!judged.allowed) span.fail(judged.code);
    return judged;
  });
  if (!verdict.allowed) {
    const message = `The query was refused: ${verdict.reason}`;
    return { kind: 'refused', plan, code: verdict.code, message, isRepairable: true };
  }
  const { query, limited } = verdict;
  signal.throwIfAborted();
  try {
    const limits = { maxRows, maxBytes, timeoutMs };
    const answer = await ctx.tracing.span('foundry.query', { kind: 'client', ...about }, () =>
      store.query(tenant, query, limits, signal),
    );
    const truncated = answer.truncated || (limited && answer.rows.length >= maxRows);
    return { kind: 'answered', plan, query, answer: { ...answer, truncated } };
  } catch (error) {
    signal.throwIfAborted();
    return failed(ctx, plan, error, store, ownNames(tenant.namespaces, tables));
  }
}

function failed(
  { log }: Ctx,
  plan: Plan,
  error: unknown,
  { target }: QueryStore,
  own: ReadonlySet<string>,
): Attempt {
  if (!(error instanceof AppError)) {
    log.error({ event: 'foundry.store_failed', target, err: error }, 'a store failed in a way of its own');
    const message = `${target} could not answer; try again later.`;
    return { kind: 'failed', plan, code: 'foundry.query_failed', message, isRepairable: false };
  }
  // an engine's words may quote the query, and with it the question
  log.info({ event: 'foundry.query_failed', target, code: error.code }, 'a query failed');
  if (error instanceof UnavailableError) return away(plan);
  const words = safeWords(messageOf(error), own);
  if (/timeout/.test(error.code)) {
    const message = `${words} Ask for less: a shorter time, fewer groups, or a filter.`;
    return { kind: 'failed', plan, code: 'foundry.timeout', message, isRepairable: false };
  }
  const message = `${target} could not run the query: ${words} Ask in other words.`;
  return { kind: 'failed', plan, code: 'foundry.query_failed', message, isRepairable: true };
}

function away(plan: Plan): Attempt {
  const message = `${plan.target} cannot be reached, and the answer is there; try again later.`;
  return { kind: 'failed', plan, code: 'foundry.store_unavailable', message, isRepairable: false };
}

function notThere(plan: Plan, sources: readonly CatalogSource[]): Attempt {
  const there = sources.map(({ target }) => target).join(', ') || 'none';
  const message = `${plan.target} is not set up here; stores that are: ${there}.`;
  return { kind: 'failed', plan, code: 'foundry.target_unknown', message, isRepairable: sources.length > 0 };
}

function ownNames(namespaces: readonly string[], tables: readonly CatalogTable[]): ReadonlySet<string> {
  const names = tables.flatMap(({ name, columns }) => [
    ...name.split('.'),
    ...columns.map((each) => each.name),
  ]);
  return new Set([...namespaces, ...names].map((name) => name.toLowerCase()));
}
