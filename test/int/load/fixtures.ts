import { randomUUID } from 'node:crypto';
import type { Sql } from '../../../src/db/client.ts';
import { listStagedTables, type StagedTable } from '../../../src/db/queries/staging.ts';
import {
  connectors,
  fieldMappings,
  namespaces,
  runnerJobs,
  tenantCatalogs,
} from '../../../src/db/schema/index.ts';
import type { TestDeps } from '../../harness/context.ts';

export const TENANT = 'acme';
export const NAMESPACE = 'ivory_tenant_acme';
export const DESTINATION = 'crm_deals';

export type Connector = typeof connectors.$inferSelect;

/** A provisioned tenant with one connector and its empty staging schema. */
export async function registerConnector(
  deps: TestDeps,
  changes: Partial<Connector> = {},
): Promise<Connector> {
  const { db, sql } = deps.database;
  await deps.lakehouse.provision(TENANT, NAMESPACE);
  await db.insert(namespaces).values({ namespace: NAMESPACE, tenantId: TENANT }).onConflictDoNothing();
  const catalog = { tenantId: TENANT, catalogName: 'ivory-lakehouse', namespace: NAMESPACE };
  await db.insert(tenantCatalogs).values(catalog).onConflictDoNothing();
  const id = randomUUID();
  const stagingSchema = `etl_staging_crm_${id.slice(0, 8)}`;
  const [connector] = await db
    .insert(connectors)
    .values({
      id,
      tenantId: TENANT,
      sourceSystem: 'crm',
      tapName: 'tap-crm',
      connectorType: 'custom',
      meltanoEnvironment: 'prod',
      destinationCatalog: 'ivory-lakehouse',
      namespace: NAMESPACE,
      destinationTable: DESTINATION,
      stagingSchema,
      syncSchedule: '0 2 * * *',
      webhookSecretSealed: 'sealed',
      ...changes,
    })
    .returning();
  if (!connector) throw new Error('no connector was made');
  await sql.unsafe(`create schema "${connector.stagingSchema}"`);
  return connector;
}

/** A run in `loading`; another of the same connector is finished first, as only one may be unfinished. */
export async function startRun(
  deps: TestDeps,
  connector: Connector,
): Promise<{ runId: string; loadId: number }> {
  const { db, sql } = deps.database;
  await sql`with ended as (
      update etl.runner_jobs set status = 'completed'
      where connector_id = ${connector.id} and status in ('queued', 'running', 'loading') returning *)
    insert into etl.sync_runs (id, tenant_id, connector_id, load_id, status, trigger, rows_synced, rows_loaded,
      transform_errors, tables, stream_stats, iomete_table, started_at, completed_at, duration_s)
    select id, tenant_id, connector_id, load_id, status, trigger, 0, 0, 0, '[]', '{}', '', now(), now(), 0 from ended`;
  const [run] = await db
    .insert(runnerJobs)
    .values({
      id: randomUUID(),
      tenantId: TENANT,
      connectorId: connector.id,
      status: 'loading',
      trigger: 'manual',
      scheduledFor: new Date(),
    })
    .returning();
  if (!run) throw new Error('no run was made');
  return { runId: run.id, loadId: run.loadId };
}

/** A table as target-postgres makes it: fields, then its metadata; Ivory's own loader adds the load id. */
export async function createStaged(
  sql: Sql,
  connector: Connector,
  table: string,
  { fields, key, loadColumn = true }: { fields: string; key?: string; loadColumn?: boolean },
): Promise<string> {
  const at = `"${connector.stagingSchema}"."${table}"`;
  await sql.unsafe(`create table ${at} (${fields}, _sdc_extracted_at timestamp, _sdc_received_at timestamp,
    _sdc_batched_at timestamp, _sdc_deleted_at timestamp, _sdc_sequence bigint, _sdc_table_version bigint
    ${loadColumn ? ', _ivory_load_id bigint' : ''} ${key ? `, primary key (${key})` : ''})`);
  return at;
}

export async function mapField(
  deps: TestDeps,
  connector: Connector,
  change: Partial<typeof fieldMappings.$inferInsert> & { sourceField: string; targetColumn: string },
): Promise<void> {
  await deps.database.db.insert(fieldMappings).values({
    id: randomUUID(),
    tenantId: TENANT,
    connectorId: connector.id,
    sourceStream: 'deals',
    sourceType: 'string',
    targetSchema: 'dm',
    targetTable: 'deals',
    targetType: 'string',
    llmMapped: false,
    confidenceScore: 1,
    ...change,
  });
}

/** A staging table of a connector as a load sees it. */
export async function describeStaged(
  sql: Sql,
  { stagingSchema }: Connector,
  table: string,
): Promise<StagedTable> {
  const found = (await listStagedTables(sql, stagingSchema)).find((each) => each.table === table);
  if (!found) throw new Error(`${table} is not staged`);
  return found;
}
