import { sql } from 'drizzle-orm';
import { REVIEW_THRESHOLD } from '../../domain/mapping.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, fieldMappings, tenantCatalogs } from '../schema/index.ts';

export interface CatalogState {
  /** Of the tenant's active catalogs, sorted. */
  namespaces: string[];
  /** Changes whenever a run of the tenant has ended, or a connector was changed. */
  version: string;
}

/** Whose tables Foundry shows to a tenant, and whether they may have changed. */
export async function readCatalogState(db: DbOrTx, tenantId: string): Promise<CatalogState> {
  const { rows } = await db.execute<{ namespaces: string[]; version: string }>(sql`
    select array(select distinct namespace from ${tenantCatalogs}
        where tenant_id = ${tenantId} and active order by namespace) as namespaces,
      (select concat_ws(' ', count(*), extract(epoch from max(updated_at)), extract(epoch from max(last_synced_at)))
        from ${connectors} where tenant_id = ${tenantId}) as version`);
  return rows[0] ?? { namespaces: [], version: '' };
}

/** Keys of lakehouse tables as mappings name them: "namespace.table" -> columns. The table of a connector's oldest mapping is its own. */
export async function listMappedKeys(db: DbOrTx, tenantId: string): Promise<Map<string, string[]>> {
  const { rows } = await db.execute<{ name: string; columns: string[] }>(sql`
    select distinct on (name) name, columns from (
      select c.id, c.iomete_namespace || '.' || case when m.target_table = oldest.target_table then c.iomete_table
          else m.target_table end as name, array_agg(distinct m.target_column) as columns
      from ${connectors} c join ${fieldMappings} m on m.connector_id = c.id
        cross join lateral (select target_table from ${fieldMappings} where connector_id = c.id
          order by created_at, id limit 1) oldest
      where c.tenant_id = ${tenantId} and m.tenant_id = ${tenantId} and m.is_key and c.load_mode <> 'append'
        and (m.reviewed or m.confidence_score >= ${REVIEW_THRESHOLD})
      group by c.id, m.source_stream, name) keys
    order by name, id`);
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}
