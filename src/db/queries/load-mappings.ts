import { and, asc, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { fieldMappings } from '../schema/index.ts';

export type MappingRow = typeof fieldMappings.$inferSelect;

/** Every mapping of a connector, applied or not, oldest first. */
export async function listMappingsByAge(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<MappingRow[]> {
  return db
    .select()
    .from(fieldMappings)
    .where(and(eq(fieldMappings.tenantId, tenantId), eq(fieldMappings.connectorId, connectorId)))
    .orderBy(asc(fieldMappings.createdAt), asc(fieldMappings.id));
}
