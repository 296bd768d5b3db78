import type { Sql } from '../../src/db/client.ts';

export interface ConnectorSeed {
  connectors: number;
  tenants: number;
  /** When all of them are due; null: tomorrow. */
  dueAt: Date | null;
  tapName?: string;
}

/**
 * Writes connectors as the API would have, shared out evenly over tenants t0, t1, ..., with schedules of many kinds:
 * every minute of the day, four time zones. Statistics are gathered as autovacuum would.
 */
export async function seedConnectors(
  sql: Sql,
  { connectors, tenants, dueAt, tapName = 'tap-files' }: ConnectorSeed,
): Promise<void> {
  const slot = (dueAt ?? new Date(Date.now() + 86_400_000)).toISOString();
  await sql`insert into lakehouse.namespaces (namespace, tenant_id)
    select 'ivory_tenant_t' || t, 't' || t from generate_series(0, ${tenants - 1}::int) t`;
  await sql`insert into lakehouse.tenant_catalogs (tenant_id, catalog_name, namespace)
    select 't' || t, 'lake', 'ivory_tenant_t' || t from generate_series(0, ${tenants - 1}::int) t`;
  await sql`insert into etl.meltano_connectors (id, tenant_id, source_system, tap_name, connector_type,
      meltano_environment, destination_catalog, iomete_namespace, iomete_table, staging_schema, sync_schedule, timezone,
      webhook_secret, next_run_at)
    select gen_random_uuid(), 't' || n % ${tenants}::int, 'files', ${tapName}::text, 'custom', 'prod', 'lake',
      'ivory_tenant_t' || n % ${tenants}::int, 'table_' || n, 'etl_staging_files_' || n,
      (n * 7 % 60) || ' ' || (n * 11 % 24) || ' * * *',
      (array['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Tokyo'])[n % 4 + 1],
      repeat('sealed', 20), ${slot}::timestamptz
    from generate_series(1, ${connectors}::int) n`;
  await sql`vacuum analyze etl.meltano_connectors`;
}
