import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { connectors, fieldMappings, keptDecisions } from '../schema/index.ts';

/** What a decision is about. */
export interface Decided {
  tenantId: string;
  sourceSystem: string;
  sourceStream: string;
  targetSchema: string;
  targetTable: string;
}

/** Remembers what was decided for a connector that is about to be deleted. */
export async function keepDecisions(tx: DbOrTx, tenantId: string, connectorId: string): Promise<void> {
  const decided = sql`
    from ${fieldMappings} m join ${connectors} c on c.id = m.connector_id
    where m.reviewed and m.tenant_id = ${tenantId} and m.connector_id = ${connectorId}`;
  await tx.execute(sql`
    delete from ${keptDecisions} k
    where k.tenant_id = ${tenantId}
      and (k.source_system, k.source_stream, k.source_field, k.target_schema, k.target_table) in (
        select c.source_system, m.source_stream, m.source_field, m.target_schema, m.target_table ${decided})`);
  await tx.execute(sql`
    insert into ${keptDecisions} (tenant_id, source_system, source_stream, source_field, target_schema, target_table,
      target_column, transform_fn, decided_at)
    select m.tenant_id, c.source_system, m.source_stream, m.source_field, m.target_schema, m.target_table, m.target_column,
      m.transform_fn, m.updated_at ${decided}`);
}

/** Forgets what was decided for a field when its connector was another, deleted since. */
export async function forgetDecision(tx: DbOrTx, about: Decided & { sourceField: string }): Promise<void> {
  await tx.execute(sql`
    delete from ${keptDecisions}
    where tenant_id = ${about.tenantId} and source_system = ${about.sourceSystem}
      and source_stream = ${about.sourceStream} and source_field = ${about.sourceField}
      and target_schema = ${about.targetSchema} and target_table = ${about.targetTable}`);
}
