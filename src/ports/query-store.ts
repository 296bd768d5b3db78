import type { CatalogTable, Dialect, FoundryTarget } from '../domain/foundry/catalog.ts';
import type { StoreValue } from '../domain/foundry/store-value.ts';

/** Whose data. `namespaces`: the tenant's own, from its active catalogs. */
export interface TenantScope {
  tenantId: string;
  namespaces: readonly string[];
}

export interface StoreLimits {
  maxRows: number;
  maxBytes: number;
  timeoutMs: number;
}

export interface StoreAnswer {
  /** In the store's order; names may repeat. */
  columns: { name: string; type: string }[];
  rows: StoreValue[][];
  /** True: the store had more rows or bytes than the limits. */
  truncated: boolean;
}

/**
 * A store a question can be put to. Isolation does not rest on the text of the query: the engine's own login or role of this tenant can
 * neither write nor see another tenant's rows; where an engine cannot do that, the adapter's docs say what stands in for it.
 * Errors: UnavailableError `foundry.store_unavailable`; InvalidError `foundry.query_failed` (message: the engine's own words, free of paths,
 * hosts and names the tenant may not see), `foundry.timeout`.
 */
export interface QueryStore {
  readonly target: FoundryTarget;
  readonly dialect: Dialect;
  /** The tenant's tables, with comments, row counts and sample values of low-cardinality columns where they are cheap. */
  describe(tenant: TenantScope, signal: AbortSignal): Promise<CatalogTable[]>;
  /** Runs one guarded query and streams at most the limits. An aborted signal or the time limit cancels it on the server. */
  query(tenant: TenantScope, query: string, limits: StoreLimits, signal: AbortSignal): Promise<StoreAnswer>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
