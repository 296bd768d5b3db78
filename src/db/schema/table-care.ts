import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { etl } from './connectors.ts';

/** One row a lakehouse table that runs have loaded: when it was cared for, and who is at it now. */
export const tableCare = etl.table(
  'table_care',
  {
    tenantId: text('tenant_id').notNull(),
    /** namespace.table */
    table: text('table_name').notNull(),
    /** Of the last commit that is known. */
    loadedAt: instant('loaded_at').notNull(),
    /** When the last care that succeeded began. */
    caredAt: instant('cared_at'),
    /** Not before. */
    nextAt: instant('next_at').notNull().default(sql`now()`),
    /** Somebody is at it until then at most. */
    leaseUntil: instant('lease_until'),
    /** Raised by each claim: who claimed last says it. */
    fence: integer('fence').notNull().default(0),
    /** In a row. */
    failures: integer('failures').notNull().default(0),
    lastError: text('last_error'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.table] }), index('table_care_next').on(t.nextAt)],
);
