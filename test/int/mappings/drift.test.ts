import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ctx } from '../../../src/context.ts';
import type { FieldMapping } from '../../../src/db/queries/field-mappings.ts';
import { fieldMappings, runnerJobs, sourceSchemas } from '../../../src/db/schema/index.ts';
import type { RunHooks, RunOutcome } from '../../../src/ports/runner.ts';
import { approveAll } from '../../../src/services/mappings/approve.ts';
import { listMappingHistory } from '../../../src/services/mappings/history.ts';
import { listMappings } from '../../../src/services/mappings/list.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { askSource } from '../../../src/services/tasks/ask.ts';
import { runTask } from '../../../src/services/tasks/run.ts';
import { insertConnector, runsOf, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';
import { insertRun } from '../api/rows.ts';

const FIELDS = { Id: 'string', Amount: 'number', Closed: 'date' };
const signal = new AbortController().signal;

let deps: TestDeps;
let ctx: Ctx;
beforeAll(async () => {
  deps = await createTestDeps();
  ctx = tenantContext(deps, 'acme', 'user:eve');
});
afterAll(() => deps.close());

type Fields = Record<string, string>;

function execute(runId: string, script: (tell: RunHooks['schema']) => Promise<RunOutcome>): Promise<void> {
  const runner = createScriptedRunner((_spec, { schema }) => script(schema));
  return executeRun({ ...deps, runners: { custom: runner } }, { runId, workerId: 'w', signal });
}

/** A connector whose stream Opportunity is mapped, and its source, which tells what it is told to. */
async function mappedSource(fields: Fields = FIELDS, connectorType: 'custom' | 'fivetran' = 'custom') {
  const { id: connectorId } = await insertConnector(deps, { connectorType });
  const rows = Object.entries(fields).map(([sourceField, sourceType]) => ({
    id: deps.newId(),
    tenantId: 'acme',
    connectorId,
    sourceStream: 'Opportunity',
    sourceField,
    sourceType,
    targetSchema: 'dm',
    targetTable: 'deals',
    targetColumn: sourceField.toLowerCase(),
    targetType: 'string',
    llmMapped: false,
    confidenceScore: 1,
    reviewed: true,
  }));
  await deps.database.db.insert(fieldMappings).values(rows);

  async function discover(streams: Record<string, Fields>) {
    const runner = createScriptedRunner(() => Promise.reject(new Error('nothing is run')), {
      discover: async () => ({
        ok: true,
        streams: Object.entries(streams).map(([stream, told]) => ({
          stream,
          keyProperties: [],
          replicationKey: null,
          fields: told,
        })),
      }),
    });
    const { id: taskId } = await askSource(ctx, { connectorId, kind: 'discover', waitMs: 0 });
    const runners = { custom: runner, fivetran: runner };
    await runTask({ ...deps, runners }, { taskId, workerId: 'w', signal, lastAttempt: false });
    const ended = await askSource(
      { ...ctx, newId: () => taskId },
      { connectorId, kind: 'discover', waitMs: 0 },
    );
    return ended.result?.drift;
  }

  async function queued(): Promise<string> {
    const ended = { status: 'completed' } as const;
    await deps.database.db.update(runnerJobs).set(ended).where(eq(runnerJobs.connectorId, connectorId));
    return (await insertRun(deps, connectorId, { status: 'queued' })).id;
  }

  async function run(streams: Record<string, Fields>, outcome: RunOutcome = DONE) {
    const runId = await queued();
    await execute(runId, async (tell) => {
      for (const [stream, told] of Object.entries(streams)) tell?.(stream, told);
      return outcome;
    });
    const latest = (await runsOf(deps, connectorId)).find(({ id }) => id === runId);
    if (!latest) throw new Error('the run is gone');
    return latest;
  }

  async function drifts(): Promise<Record<string, FieldMapping['drift']>> {
    const { items } = await listMappings(ctx, {
      connectorId,
      limit: null,
      after: null,
      filter: { needsReview: true },
    });
    return Object.fromEntries(items.map(({ sourceField, drift }) => [sourceField, drift]));
  }

  async function actions() {
    const { items } = await listMappingHistory(ctx, {
      connectorId,
      mappingId: null,
      limit: 50,
      before: null,
    });
    return items.map(({ action, sourceField, actor }) => [action, sourceField, actor]);
  }
  const idOf = (field: string) => rows.find(({ sourceField }) => sourceField === field)?.id ?? '';
  return { connectorId, discover, queued, run, drifts, actions, idOf };
}

const TO_TEXT = {
  kind: 'type_changed',
  from: 'number',
  to: 'string',
  since: expect.any(String),
  by: expect.any(String),
};
const GONE = { kind: 'field_removed', from: 'date', since: expect.any(String), by: expect.any(String) };
const CHANGED = { Id: 'string', Amount: 'string', Stage: 'string' };

describe('a discovery', () => {
  test('flags the mappings whose field is gone or of another type, lists what is new, and says so once', async () => {
    const source = await mappedSource();
    expect(await source.discover({ Opportunity: FIELDS, Fax: { Id: 'string' } })).toEqual([]);
    expect(await source.discover({ Opportunity: CHANGED, Fax: { Id: 'string' } })).toEqual([
      {
        stream: 'Opportunity',
        changes: [
          { field: 'Amount', kind: 'type_changed', from: 'number', to: 'string' },
          { field: 'Closed', kind: 'removed', from: 'date' },
          { field: 'Stage', kind: 'added', to: 'string' },
        ],
        flagged: [source.idOf('Amount'), source.idOf('Closed')],
        unmapped: ['Stage'],
      },
    ]);
    expect(await source.drifts()).toEqual({ Amount: TO_TEXT, Closed: GONE });
    await source.discover({ Opportunity: CHANGED, Fax: { Id: 'string' } });
    expect(await source.actions()).toEqual([
      ['flagged', 'Closed', 'worker:runner'],
      ['flagged', 'Amount', 'worker:runner'],
    ]);
  });

  test('says nothing of what loaders add to every row', async () => {
    const source = await mappedSource();
    await source.discover({ Opportunity: FIELDS });
    const added = { _sdc_deleted_at: 'date-time', _sdc_sequence: 'integer' };
    expect(await source.discover({ Opportunity: { ...FIELDS, ...added } })).toEqual([]);
    expect(await source.discover({ Opportunity: { ...FIELDS, ...added, Stage: 'string' } })).toMatchObject([
      { changes: [{ field: 'Stage', kind: 'added' }], unmapped: ['Stage'] },
    ]);
    expect(await source.discover({ Opportunity: { ...FIELDS, Stage: 'string' } })).toMatchObject([
      { changes: [], unmapped: ['Stage'] },
    ]);
  });

  test('takes the flag off what is as it was', async () => {
    const source = await mappedSource();
    await source.discover({ Opportunity: FIELDS });
    await source.discover({ Opportunity: CHANGED });
    await source.discover({ Opportunity: { ...FIELDS, Closed: 'date' } });
    expect(await source.drifts()).toEqual({});
    expect((await source.actions()).slice(0, 2)).toEqual([
      ['unflagged', 'Closed', 'worker:runner'],
      ['unflagged', 'Amount', 'worker:runner'],
    ]);
  });

  test('flags every mapping of a stream that is gone, until it is back', async () => {
    const source = await mappedSource();
    await source.discover({ Opportunity: FIELDS });
    await source.discover({});
    expect(Object.keys(await source.drifts()).sort()).toEqual(['Amount', 'Closed', 'Id']);
    await source.discover({ Opportunity: FIELDS });
    expect(await source.drifts()).toEqual({});
  });

  test('flags nothing that was reviewed since', async () => {
    const source = await mappedSource();
    await source.discover({ Opportunity: FIELDS });
    await source.discover({ Opportunity: CHANGED });
    const { connectorId, idOf } = source;
    await approveAll(ctx, { connectorId, choice: { ids: [idOf('Amount')] } });
    await updateMapping(ctx, { connectorId, mappingId: idOf('Closed'), patch: { reviewed: true } });
    await source.discover({ Opportunity: CHANGED });
    expect(await source.drifts()).toEqual({});
    expect((await source.actions()).slice(0, 2)).toEqual([
      ['approved', 'Closed', 'user:eve'],
      ['approved', 'Amount', 'user:eve'],
    ]);
    await source.discover({ Opportunity: { ...CHANGED, Amount: 'number' } });
    expect(await source.drifts()).toEqual({ Amount: { ...TO_TEXT, from: 'string', to: 'number' } });
  });

  test('of a Fivetran connection does not take a type that becomes known for one that has changed', async () => {
    const source = await mappedSource({ Id: 'string', Amount: 'string' }, 'fivetran');
    await source.discover({ Opportunity: { Id: 'string', Amount: 'string' } });
    await source.discover({ Opportunity: { Id: 'integer', Amount: 'number' } });
    expect(await source.drifts()).toEqual({});
    await source.discover({ Opportunity: { Id: 'integer', Amount: 'boolean' } });
    expect(Object.keys(await source.drifts())).toEqual(['Amount']);
  });

  test('takes names that cannot be kept, and those of thousands of fields', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field_${n}`, 'string']));
    const source = await mappedSource();
    const odd = { 'a\u0000b': 'string', constructor: 'string', __proto__x: 'string' };
    await source.discover({ Opportunity: { ...FIELDS, ...odd }, 'no\u0000stream': odd, wide: many });
    expect(await source.discover({ Opportunity: FIELDS, 'no\u0000stream': {}, wide: {} })).toMatchObject([
      { stream: 'Opportunity', changes: Object.keys(odd).map((field) => ({ field, kind: 'removed' })) },
      { stream: 'wide', changes: { length: 5_000 } },
    ]);
    expect(await source.drifts()).toEqual({});
  });
});

describe('a run', () => {
  test('whose source has changed flags the mappings, says so in its warnings and its log, and goes on', async () => {
    const source = await mappedSource();
    expect((await source.run({ Opportunity: FIELDS })).warnings).toEqual([]);
    const run = await source.run({ Opportunity: CHANGED });
    expect(run.status).toBe('loading');
    expect(run.warnings).toEqual([
      'stream "Opportunity": field "Amount" changed from number to string; its mapping to deals.amount needs review',
      'stream "Opportunity": field "Closed" is gone; its mapping to deals.closed gets no value and needs review',
      'stream "Opportunity": field "Stage" (string) is new and has no mapping',
    ]);
    for (const warning of run.warnings) expect(run.logTail).toContain(`] warning: ${warning}`);
    expect(await source.drifts()).toEqual({ Amount: TO_TEXT, Closed: GONE });
  });

  test('is compared with the discovery where no run came before', async () => {
    const source = await mappedSource();
    await source.discover({ Opportunity: FIELDS });
    expect((await source.run({ Opportunity: CHANGED })).warnings).toHaveLength(3);
  });

  test('goes on to warn of what nobody has reviewed, and is silent once somebody has', async () => {
    const source = await mappedSource();
    await source.run({ Opportunity: FIELDS });
    await source.run({ Opportunity: CHANGED });
    expect((await source.run({ Opportunity: CHANGED })).warnings).toHaveLength(2);
    const { connectorId } = source;
    await approveAll(ctx, { connectorId, choice: { sourceStream: 'Opportunity' } });
    expect((await source.run({ Opportunity: CHANGED })).warnings).toEqual([]);
    await source.discover({ Opportunity: CHANGED });
    expect(await source.drifts()).toEqual({});
  });

  test('says nothing of streams it did not read', async () => {
    const source = await mappedSource();
    await source.run({ Opportunity: FIELDS, Task: { Id: 'string' } });
    expect((await source.run({ Task: { Id: 'string' } })).warnings).toEqual([]);
    expect(await source.drifts()).toEqual({});
  });

  test('that fails has met the change all the same', async () => {
    const source = await mappedSource();
    await source.run({ Opportunity: FIELDS });
    const failed = await source.run(
      { Opportunity: CHANGED },
      { ...DONE, status: 'failed', errorCode: 'tap.failed', errorMsg: 'boom' },
    );
    expect([failed.status, failed.warnings.length]).toEqual(['failed', 3]);
  });

  test('tells its schema in other words than a discovery does without an alarm each time', async () => {
    const source = await mappedSource();
    const { connectorId } = source;
    await source.discover({ Opportunity: FIELDS });
    await source.run({ Opportunity: { ...FIELDS, Closed: 'string' } });
    await approveAll(ctx, { connectorId, choice: { minConfidence: 0 } });
    for (const _ of [1, 2]) {
      await source.discover({ Opportunity: FIELDS });
      await source.run({ Opportunity: { ...FIELDS, Closed: 'string' } });
    }
    expect(await source.drifts()).toEqual({});
  });

  test('that lost its lease leaves flags and memory as they were', async () => {
    const source = await mappedSource();
    await source.run({ Opportunity: FIELDS });
    const runId = await source.queued();
    await execute(runId, async (tell) => {
      tell?.('Opportunity', CHANGED);
      await deps.database.db.update(runnerJobs).set({ fence: 9 }).where(eq(runnerJobs.id, runId));
      return DONE;
    });
    expect(await source.drifts()).toEqual({});
    const known = await deps.database.db
      .select()
      .from(sourceSchemas)
      .where(eq(sourceSchemas.connectorId, source.connectorId));
    expect(known.map(({ fields }) => fields)).toEqual([FIELDS]);
  });
});
