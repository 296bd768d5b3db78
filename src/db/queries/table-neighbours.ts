import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';

/** A mapping of another connector that is loaded into the same lakehouse table. */
export interface NeighbourMapping {
  sourceSystem: string;
  sourceStream: string;
  targetColumn: string;
  targetType: string;
}

const MOST = 2_000;

/** Mappings of the tenant's other connectors with this table as their destination, which takes the table they were mapped to first. */
export async function listNeighbourMappings(
  db: DbOrTx,
  asked: { tenantId: string; connectorId: string; namespace: string; table: string },
): Promise<NeighbourMapping[]> {
  const { rows } = await db.execute<Record<keyof NeighbourMapping, string>>(sql`
    select c.source_system as "sourceSystem", m.source_stream as "sourceStream",
      m.target_column as "targetColumn", m.target_type as "targetType"
    from etl.meltano_connectors c
    cross join lateral (select target_table from etl.field_mappings
      where connector_id = c.id order by created_at, id limit 1) as first
    join etl.field_mappings m on m.connector_id = c.id and m.target_table = first.target_table
    where c.tenant_id = ${asked.tenantId} and c.iomete_namespace = ${asked.namespace}
      and c.iomete_table = ${asked.table} and c.id <> ${asked.connectorId}
    order by c.created_at, c.id, m.source_stream, m.target_column limit ${MOST}`);
  return rows;
}
