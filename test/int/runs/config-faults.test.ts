import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectors } from '../../../src/db/schema/index.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import type { Runner, RunSpec } from '../../../src/ports/runner.ts';
import { keepConfig, keptConfig } from '../../../src/services/connectors/kept-config.ts';
import { updateConnector } from '../../../src/services/connectors/update.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { finishRun } from '../../../src/services/runs/finish.ts';
import { connectorRow, historyOf, insertConnector, runsOf, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';

const CONFIG = { token: 'sesame' };
const GOOD = sealConfig(TEST_CONFIG_KEY, CONFIG);
const WRONG_KEY = sealConfig(Buffer.alloc(32, 9), CONFIG);

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

const neverStarted = createScriptedRunner(() => Promise.reject(new Error('the tap was started')));

/** A connector, and one run after the other of it, each begun as if its slot had come. */
async function connectorWith(configEncrypted: string) {
  const { id } = await insertConnector(deps, { configEncrypted });
  const set = (values: Partial<typeof connectors.$inferInsert>) =>
    deps.database.db.update(connectors).set(values).where(eq(connectors.id, id));
  const run = async (runner: Runner = neverStarted) => {
    await set({ nextRunAt: new Date(Date.now() - 1_000) });
    await dispatchDue(deps);
    const runId = (await runsOf(deps, id)).at(-1)?.id ?? '';
    const signal = new AbortController().signal;
    await executeRun({ ...deps, runners: { custom: runner } }, { runId, workerId: 'w', signal });
    const row = (await runsOf(deps, id)).at(-1);
    if (row?.status === 'loading')
      await finishRun(tenantContext(deps), {
        runId,
        connectorId: id,
        fence: row.fence,
        status: 'completed',
        errorCode: null,
        errorMsg: null,
        tables: [],
        counted: true,
      });
    return (await historyOf(deps, id)).at(-1);
  };
  return { id, set, run, row: () => connectorRow(deps, id) };
}

/** The sealed text with one character in its middle changed. */
function tampered(envelope: string): string {
  const at = envelope.length - 20;
  return `${envelope.slice(0, at)}${envelope[at] === 'A' ? 'B' : 'A'}${envelope.slice(at + 1)}`;
}

describe('a config that does not open', () => {
  test.each([
    ['sealed with another key', WRONG_KEY, 'config.wrong_key'],
    ['changed after it was sealed', tampered(GOOD), 'config.tampered'],
    ['cut off', GOOD.slice(0, -30), 'config.tampered'],
    ['cut off in the middle of its parts', GOOD.slice(0, 20), 'config.envelope_malformed'],
    ['of another version', GOOD.replace('ivory1', 'ivory7'), 'config.envelope_version'],
    ['no envelope at all', 'swordfish', 'config.envelope_malformed'],
    ['sealed for another tenant', sealConfig(TEST_CONFIG_KEY, CONFIG, { tenantId: 'rival' }), 'config.moved'],
  ])(
    '%s fails each run with a code that says so, starts no tap, and counts once',
    async (_, envelope, code) => {
      const { run, row } = await connectorWith(envelope);
      for (let n = 1; n <= 4; n++) {
        expect(await run()).toMatchObject({ status: 'failed', errorCode: code });
        expect(await row()).toMatchObject({ status: 'active', consecutiveFailures: 1, nextTrigger: null });
      }
      expect(JSON.stringify(await row())).not.toContain('sesame');
    },
  );

  test('is not tried again before the regular slot', async () => {
    const { run, row } = await connectorWith(WRONG_KEY);
    await run();
    expect((await row()).nextRunAt?.toISOString()).toMatch(/T02:00:00/);
  });

  test('with a right one in its place heals at the next run', async () => {
    const { id, run, row } = await connectorWith(WRONG_KEY);
    await run();
    await run();
    await updateConnector(tenantContext(deps), {
      connectorId: id,
      patch: { configEncrypted: GOOD },
      ifVersion: null,
    });
    const specs: RunSpec[] = [];
    const ended = await run(
      createScriptedRunner(async (spec) => {
        specs.push(spec);
        return DONE;
      }),
    );
    expect(specs).toMatchObject([{ config: CONFIG }]);
    expect(ended).toMatchObject({ status: 'completed' });
    expect(await row()).toMatchObject({ status: 'active', consecutiveFailures: 0 });
  });

  test('after a run that brought something counts anew, once', async () => {
    const { set, run, row } = await connectorWith(WRONG_KEY);
    await run();
    await set({ configEncrypted: GOOD });
    await run(createScriptedRunner(async () => DONE));
    expect(await row()).toMatchObject({ consecutiveFailures: 0 });
    await set({ configEncrypted: WRONG_KEY });
    for (let n = 1; n <= 2; n++) {
      await run();
      expect(await row()).toMatchObject({ consecutiveFailures: 1 });
    }
  });

  test('that its tap refuses for a setting counts once as well; a source that fails counts each time', async () => {
    const outcome = (errorCode: string) =>
      createScriptedRunner(async () => ({
        status: 'failed',
        rowsWritten: 0,
        state: null,
        streams: {},
        errorCode,
        errorMsg: 'no',
      }));
    const { run, row } = await connectorWith(GOOD);
    const failures: number[] = [];
    for (const code of [
      'connector.config_invalid',
      'connector.config_invalid',
      'tap.failed',
      'connector.config_invalid',
    ]) {
      await run(outcome(code));
      failures.push((await row()).consecutiveFailures);
    }
    expect(failures).toEqual([1, 1, 2, 2]);
    await run(outcome('tap.failed'));
    expect(await row()).toMatchObject({ status: 'error', consecutiveFailures: 3 });
  });
});

describe('a config that is kept', () => {
  const kept = async (tenantId = 'acme') => {
    const made = await insertConnector(deps, { tenantId });
    const configEncrypted = keepConfig(tenantContext(deps, tenantId), made.id, GOOD);
    return { ...made, configEncrypted };
  };

  test('opens in its own row, and copied into another row, of whatever tenant, it has moved', async () => {
    const own = await connectorWith(GOOD);
    await own.set({ configEncrypted: keepConfig(tenantContext(deps), own.id, GOOD) });
    expect(await own.run(createScriptedRunner(async () => DONE))).toMatchObject({ status: 'completed' });
    for (const other of [await kept(), await kept('rival')]) {
      await own.set({ configEncrypted: other.configEncrypted });
      expect(await own.run()).toMatchObject({ status: 'failed', errorCode: 'config.moved' });
    }
    expect(await own.row()).toMatchObject({ consecutiveFailures: 1 });
  });

  test('with its own id written over the other, or changed, it does not open either', async () => {
    const [here, there] = [await kept(), await kept()];
    const ctx = tenantContext(deps);
    const changes = [
      there.configEncrypted.replace(there.id, here.id),
      tampered(here.configEncrypted),
      here.configEncrypted.slice(0, -10),
      here.configEncrypted.slice(0, 30),
    ];
    for (const changed of changes)
      expect(() => keptConfig(ctx, here.id, changed), changed).toThrow(
        expect.objectContaining({ code: 'config.tampered' }),
      );
    expect(keptConfig(ctx, here.id, here.configEncrypted)).toBe(GOOD);
  });

  test('handed in again is no change; another one is', async () => {
    const { id } = await connectorWith(GOOD);
    const patch = (configEncrypted: string | null) =>
      updateConnector(tenantContext(deps), { connectorId: id, patch: { configEncrypted }, ifVersion: null });
    const versions = [];
    for (const config of [GOOD, WRONG_KEY, WRONG_KEY, null, null, GOOD]) {
      await patch(config);
      versions.push((await connectorRow(deps, id)).version);
    }
    expect(versions).toEqual([1, 2, 2, 3, 3, 4]);
    expect((await connectorRow(deps, id)).configEncrypted).not.toContain(GOOD);
  });
});
