import { and, eq, sql } from 'drizzle-orm';
import type { SchemaOrigin, SourceFields } from '../../domain/source-drift.ts';
import type { DbOrTx } from '../client.ts';
import { sourceSchemas } from '../schema/index.ts';

export type SourceSchemaRow = typeof sourceSchemas.$inferSelect;

/** A statement takes at most 65,535 parameters, and wide streams are long texts. */
const UPSERT_BATCH = 200;

/** Everything that was ever told of a connector's streams, latest first. */
export async function listSourceSchemas(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<SourceSchemaRow[]> {
  return db
    .select()
    .from(sourceSchemas)
    .where(and(eq(sourceSchemas.tenantId, tenantId), eq(sourceSchemas.connectorId, connectorId)))
    .orderBy(sql`${sourceSchemas.seenAt} desc`);
}

/** Keeps what was told last, also where it is what was told before: when it was told counts. */
export async function saveSourceSchemas(
  tx: DbOrTx,
  { tenantId, connectorId, origin }: { tenantId: string; connectorId: string; origin: SchemaOrigin },
  told: ReadonlyMap<string, SourceFields>,
): Promise<void> {
  const rows = [...told].map(([stream, fields]) => ({
    tenantId,
    connectorId,
    origin,
    stream,
    fields,
    // not when the transaction began: it may have waited for its turn
    seenAt: sql`clock_timestamp()`,
  }));
  for (let at = 0; at < rows.length; at += UPSERT_BATCH)
    await tx
      .insert(sourceSchemas)
      .values(rows.slice(at, at + UPSERT_BATCH))
      .onConflictDoUpdate({
        target: [sourceSchemas.connectorId, sourceSchemas.stream, sourceSchemas.origin],
        set: { fields: sql`excluded.fields`, seenAt: sql`excluded.seen_at` },
      });
}
