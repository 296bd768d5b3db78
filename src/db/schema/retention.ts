import { sql } from 'drizzle-orm';
import { bigint, index, integer, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { connectors, etl } from './connectors.ts';

/** One row a connector whose past was looked at: how far its staging is pruned, and what was counted before it was deleted. */
export const connectorRetention = etl.table(
  'connector_retention',
  {
    connectorId: uuid('connector_id')
      .primaryKey()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    /** Staged rows of loads up to this one are looked through: what is left of them stays. */
    stagedUpTo: bigint('staged_up_to', { mode: 'number' }).notNull().default(0),
    /** Its staging is not looked at before. */
    nextAt: instant('next_at').notNull().default(sql`now()`),
    runsPruned: integer('runs_pruned').notNull().default(0),
    /** Rows the pruned runs had loaded. */
    rowsPruned: bigint('rows_pruned', { mode: 'number' }).notNull().default(0),
  },
  (t) => [index('connector_retention_next').on(t.nextAt)],
);
