import { and, desc, eq, lt } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { mappingChanges } from '../schema/index.ts';

export type MappingChangeRow = typeof mappingChanges.$inferSelect;
export type NewMappingChange = typeof mappingChanges.$inferInsert;

/** A statement takes at most 65,535 parameters. */
const INSERT_BATCH = 1_000;

export async function insertMappingChanges(tx: DbOrTx, rows: readonly NewMappingChange[]): Promise<void> {
  for (let at = 0; at < rows.length; at += INSERT_BATCH)
    await tx.insert(mappingChanges).values(rows.slice(at, at + INSERT_BATCH));
}

/** Changes of a connector's mappings, newest first, those of mappings that are gone among them. */
export async function listMappingChanges(
  db: DbOrTx,
  asked: {
    tenantId: string;
    connectorId: string;
    /** null: of all of them. */
    mappingId: string | null;
    limit: number;
    /** Only what came before the change of this id. */
    before: number | null;
  },
): Promise<MappingChangeRow[]> {
  return db
    .select()
    .from(mappingChanges)
    .where(
      and(
        eq(mappingChanges.tenantId, asked.tenantId),
        eq(mappingChanges.connectorId, asked.connectorId),
        asked.mappingId === null ? undefined : eq(mappingChanges.mappingId, asked.mappingId),
        asked.before === null ? undefined : lt(mappingChanges.id, asked.before),
      ),
    )
    .orderBy(desc(mappingChanges.id))
    .limit(asked.limit);
}
