import type { Catalog, CatalogSource, FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { QueryStore, TenantScope } from '../../ports/query-store.ts';
import { withConventions } from './conventions.ts';

export interface AssembleOptions {
  /** Of each store. */
  timeoutMs: number;
  signal: AbortSignal;
  /** What was last known of the same tenant with the same namespaces. */
  known: Catalog | null;
  onFailure(target: FoundryTarget, error: unknown): void;
}

/** Asks all stores at once. One that fails or takes too long is there as not available, with what was last known of it; never throws. */
export async function assembleCatalog(
  stores: readonly QueryStore[],
  tenant: TenantScope,
  options: AssembleOptions,
): Promise<Catalog> {
  return { sources: await Promise.all(stores.map((store) => sourceOf(store, tenant, options))) };
}

async function sourceOf(
  store: QueryStore,
  tenant: TenantScope,
  { timeoutMs, signal, known, onFailure }: AssembleOptions,
): Promise<CatalogSource> {
  const { target, dialect } = store;
  try {
    const tables = await within(timeoutMs, signal, (ends) => store.describe(tenant, ends));
    return { target, dialect, available: true, tables: withConventions(tables) };
  } catch (error) {
    onFailure(target, error);
    const last = known?.sources.find((source) => source.target === target && source.dialect === dialect);
    return { target, dialect, available: false, tables: last?.tables ?? [] };
  }
}

/** Does not wait for a store that does not heed its signal. */
async function within<Value>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const ends = AbortSignal.any([signal, limit.signal]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(ends.reason);
  if (ends.aborted) end();
  ends.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([ended, work(ends)]);
  } finally {
    clearTimeout(timer);
    ends.removeEventListener('abort', end);
  }
}
