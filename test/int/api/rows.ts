import { fieldMappings, rejectedRows, runnerJobs, syncRuns } from '../../../src/db/schema/index.ts';
import type { TestDeps } from '../../harness/context.ts';

type RunValues = Partial<typeof runnerJobs.$inferInsert>;

let slots = 0;

/** A run of a connector of acme, as the workers would have left it. */
export async function insertRun(deps: TestDeps, connectorId: string, values: RunValues = {}) {
  slots += 1;
  const [run] = await deps.database.db
    .insert(runnerJobs)
    .values({
      id: deps.newId(),
      tenantId: 'acme',
      connectorId,
      status: 'running',
      trigger: 'schedule',
      scheduledFor: new Date(Date.UTC(2026, 0, 1) + slots * 60_000),
      ...values,
    })
    .returning();
  if (!run) throw new Error('no run was inserted');
  return run;
}

export async function insertHistory(
  deps: TestDeps,
  connectorId: string,
  loadId: number,
  values: Partial<typeof syncRuns.$inferInsert> = {},
): Promise<string> {
  const id = values.id ?? deps.newId();
  await deps.database.db.insert(syncRuns).values({
    tenantId: 'acme',
    connectorId,
    loadId,
    status: 'completed',
    trigger: 'schedule',
    rowsSynced: 3,
    rowsLoaded: 3,
    transformErrors: 0,
    tables: [],
    streamStats: {},
    icebergTable: 'ivory_tenant_acme.t',
    startedAt: new Date('2026-03-28T12:00:00Z'),
    completedAt: new Date('2026-03-28T12:01:43Z'),
    durationS: 103,
    ...values,
    id,
  });
  return id;
}

export async function insertMapping(
  deps: TestDeps,
  connectorId: string,
  sourceStream: string,
  sourceField: string,
) {
  const id = deps.newId();
  await deps.database.db.insert(fieldMappings).values({
    id,
    tenantId: 'acme',
    connectorId,
    sourceStream,
    sourceField,
    sourceType: 'string',
    targetSchema: 'custom',
    targetTable: 't',
    targetColumn: sourceField.toLowerCase(),
    targetType: 'string',
    llmMapped: false,
    confidenceScore: 1,
  });
  return id;
}

export async function insertRejected(
  deps: TestDeps,
  connectorId: string,
  count: number,
  values: Partial<typeof rejectedRows.$inferInsert> = {},
): Promise<void> {
  const runId = values.runId ?? deps.newId();
  await deps.database.db.insert(rejectedRows).values(
    Array.from({ length: count }, (_, n) => ({
      tenantId: 'acme',
      connectorId,
      stream: 'deals',
      rowKey: `["${n}"]`,
      row: `{"id":"${n}","amount":null}`,
      column: 'usd',
      expression: 'float(v)',
      error: 'not a number',
      ...values,
      runId,
    })),
  );
}
