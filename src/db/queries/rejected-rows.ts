import { and, desc, eq, inArray, like, lt, notLike } from 'drizzle-orm';
import { REFUSED_ROW_KEYS } from '../../domain/refused-record.ts';
import type { DbOrTx } from '../client.ts';
import { rejectedRows } from '../schema/index.ts';

export type NewRejectedRow = Pick<
  typeof rejectedRows.$inferInsert,
  'tenantId' | 'connectorId' | 'runId' | 'stream' | 'rowKey' | 'row' | 'column' | 'expression' | 'error'
>;

export type RejectedRow = typeof rejectedRows.$inferSelect;

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
        notLike(rejectedRows.rowKey, REFUSED_ROW_KEYS),
      ),
    );
}

/** Forgets the records an earlier attempt of a run could not stage: the next one reads them again. */
export async function deleteRefusedRecords(
  db: DbOrTx,
  { tenantId, runId }: { tenantId: string; runId: string },
): Promise<void> {
  await db
    .delete(rejectedRows)
    .where(
      and(
        eq(rejectedRows.tenantId, tenantId),
        eq(rejectedRows.runId, runId),
        like(rejectedRows.rowKey, REFUSED_ROW_KEYS),
      ),
    );
}

/** Rejected rows of a connector, latest first, before the one with the id `before` when it is given. */
export function listRejectedRows(
  db: DbOrTx,
  {
    tenantId,
    connectorId,
    runId,
    stream,
    limit,
    before,
  }: {
    tenantId: string;
    connectorId: string;
    runId?: string;
    stream?: string;
    limit: number;
    before: number | null;
  },
): Promise<RejectedRow[]> {
  return db
    .select()
    .from(rejectedRows)
    .where(
      and(
        eq(rejectedRows.tenantId, tenantId),
        eq(rejectedRows.connectorId, connectorId),
        runId === undefined ? undefined : eq(rejectedRows.runId, runId),
        stream === undefined ? undefined : eq(rejectedRows.stream, stream),
        before === null ? undefined : lt(rejectedRows.id, before),
      ),
    )
    .orderBy(desc(rejectedRows.id))
    .limit(limit);
}
