/** Where a question can be answered: the lakehouse, time series, a graph, read models. Named as in the public documents. */
export const FOUNDRY_TARGETS = ['iomete', 'questdb', 'falkordb', 'postgres'] as const;
export type FoundryTarget = (typeof FOUNDRY_TARGETS)[number];

/** The language a target speaks here: the lakehouse may be Spark or Postgres. */
export const DIALECTS = ['spark', 'postgres', 'questdb', 'cypher'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** A value of a low-cardinality column, as text to read. */
export type Sample = string;

export interface CatalogColumn {
  name: string;
  /** As the store names it. */
  type: string;
  nullable: boolean;
  description: string | null;
  samples: Sample[];
}

/** `columns` of this table hold `to` of `table`. A relationship has two, "start" and "end", each to a node's label. */
export interface CatalogReference {
  columns: string[];
  table: string;
  to: string[];
}

/** One table, node label or relationship type of one tenant. */
export interface CatalogTable {
  /** `namespace.table` in the lakehouse, as the store's own name elsewhere; a label for nodes and relationships. */
  name: string;
  kind: 'table' | 'node' | 'relationship';
  description: string | null;
  /** null: not known. */
  rowCount: number | null;
  columns: CatalogColumn[];
  keys: string[][];
  references: CatalogReference[];
  /** Rows of other tenants are in it too: only those with the tenant's id in this column are this tenant's. */
  tenantColumn: string | null;
  /** The column a time series is ordered by. */
  timeColumn: string | null;
}

export interface CatalogSource {
  target: FoundryTarget;
  dialect: Dialect;
  /** False: the store did not answer; `tables` is what was last known, or empty. */
  available: boolean;
  tables: CatalogTable[];
}

export interface Catalog {
  sources: CatalogSource[];
}
