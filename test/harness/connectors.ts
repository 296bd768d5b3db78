import { eq } from 'drizzle-orm';
import { type Ctx, contextFor, type Deps } from '../../src/context.ts';
import { connectors, namespaces, runnerJobs, syncRuns, tenantCatalogs } from '../../src/db/schema/index.ts';

export type ConnectorValues = typeof connectors.$inferInsert;

/** Writes a connector row (and its tenant's catalog) as the API would have, with a slot that is due. */
export async function insertConnector(deps: Deps, values: Partial<ConnectorValues> = {}) {
  const { db } = deps.database;
  const id = values.id ?? deps.newId();
  const tenantId = values.tenantId ?? 'acme';
  const namespace = `ivory_tenant_${tenantId}`;
  await db.insert(namespaces).values({ namespace, tenantId }).onConflictDoNothing();
  await db.insert(tenantCatalogs).values({ tenantId, catalogName: 'lake', namespace }).onConflictDoNothing();
  const [connector] = await db
    .insert(connectors)
    .values({
      id,
      tenantId,
      sourceSystem: 'files',
      tapName: 'tap-test',
      connectorType: 'custom',
      meltanoEnvironment: 'prod',
      destinationCatalog: 'lake',
      namespace,
      destinationTable: 'records',
      stagingSchema: `etl_staging_files_${id.slice(0, 8)}`,
      syncSchedule: '0 2 * * *',
      webhookSecretSealed: deps.sealer.seal('a'.repeat(64), {
        tenantId,
        connectorId: id,
        field: 'webhook_secret',
      }),
      nextRunAt: new Date(Date.now() - 1_000),
      ...values,
    })
    .returning();
  if (!connector) throw new Error('no connector was inserted');
  return connector;
}

export function tenantContext(deps: Deps, tenantId = 'acme', actor = 'worker:test'): Ctx {
  return contextFor(deps, { tenantId, actor });
}

export async function connectorRow(deps: Deps, id: string) {
  const [row] = await deps.database.db.select().from(connectors).where(eq(connectors.id, id));
  if (!row) throw new Error(`no connector ${id}`);
  return row;
}

export function runsOf(deps: Deps, connectorId: string) {
  return deps.database.db
    .select()
    .from(runnerJobs)
    .where(eq(runnerJobs.connectorId, connectorId))
    .orderBy(runnerJobs.loadId);
}

export function historyOf(deps: Deps, connectorId: string) {
  return deps.database.db
    .select()
    .from(syncRuns)
    .where(eq(syncRuns.connectorId, connectorId))
    .orderBy(syncRuns.loadId);
}
