import { and, eq, inArray } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { rejectedRows } from '../schema/index.ts';

export type NewRejectedRow = Pick<
  typeof rejectedRows.$inferInsert,
  'tenantId' | 'connectorId' | 'runId' | 'stream' | 'rowKey' | 'row' | 'column' | 'expression' | 'error'
>;

/** Rows of one INSERT: far below the 65,534 parameters of a statement. */
const INSERT_ROWS = 500;

/** Keeps rejected rows; one kept before (same run, stream, row and column) is left as it is. */
export async function insertRejectedRows(db: DbOrTx, rows: readonly NewRejectedRow[]): Promise<void> {
  for (let n = 0; n < rows.length; n += INSERT_ROWS) {
    await db
      .insert(rejectedRows)
      .values(rows.slice(n, n + INSERT_ROWS))
      .onConflictDoNothing();
  }
}

/** Forgets what an attempt that did not commit rejected: the next may run with other mappings. */
export async function deleteRejectedRows(
  db: DbOrTx,
  { tenantId, runId, stream }: { tenantId: string; runId: string; stream: string },
  columns: readonly string[],
): Promise<void> {
  await db
    .delete(rejectedRows)
    .where(
      and(
        eq(rejectedRows.tenantId, tenantId),
        eq(rejectedRows.runId, runId),
        eq(rejectedRows.stream, stream),
        inArray(rejectedRows.column, [...columns]),
      ),
    );
}
