import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeHooks, Runner, RunSpec, TapSpec } from '../../../src/ports/runner.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { createFakeTapRunner } from '../../harness/fake-taps.ts';

const PASSWORD = 'correct horse "battery" & staple';
const forever = new AbortController().signal;

let database: TestDatabase;
let runner: Runner;
beforeAll(async () => {
  database = await createTestDatabase();
  runner = createFakeTapRunner(database.database.pool);
});
afterAll(() => database.close());

const spec = (mode: string, tapName = 'tap-fake'): TapSpec => ({
  tenantId: 'acme',
  connectorId: 'a1b2c3d4-0000-4000-8000-000000000000',
  sourceSystem: 'fake',
  tapName,
  tapVersion: null,
  meltanoEnvironment: 'prod',
  config: { mode, password: PASSWORD, nested: { pin: 84_756_120 } },
});

const runSpec = (mode: string, tapName: string): RunSpec => ({
  ...spec(mode, tapName),
  runId: 'b1b2c3d4-0000-4000-8000-000000000000',
  state: null,
  stagingSchema: 'etl_staging_fake',
  stagingSession: 'ivory test',
  loadId: 1,
});

function recorded(onLine: (line: string) => void = () => {}): ProbeHooks & { lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log(line) {
      lines.push(line);
      onLine(line);
    },
  };
}

const pidsIn = (lines: string[]) =>
  lines.flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a check', () => {
  test.each(['tap-fake', 'tap-still'])(
    'of %s ends at the first record and leaves no process',
    async (tap) => {
      const hooks = recorded();
      expect(await runner.check(spec('ok', tap), hooks, forever)).toEqual({ ok: true });
      const pids = pidsIn(hooks.lines);
      expect(pids).toHaveLength(tap === 'tap-fake' ? 2 : 1);
      expect(pids.filter(isAlive)).toEqual([]);
    },
  );

  test('of a source that has nothing is good', async () => {
    expect(await runner.check(spec('nothing'), recorded(), forever)).toEqual({ ok: true });
  });

  test.each([
    ['tap-fake', 'refuse', 'tap.discover_failed', 'login with [secret] failed'],
    ['tap-still', 'refuse', 'tap.failed', 'login with [secret] failed'],
    ['tap-fake', 'garbage', 'tap.invalid_catalog', 'no JSON'],
    ['tap-still', 'garbage', 'tap.invalid_message', 'no Singer message'],
  ])('of %s that answers with %s says %s', async (tap, mode, errorCode, words) => {
    const hooks = recorded();
    const outcome = await runner.check(spec(mode, tap), hooks, forever);
    expect(outcome).toEqual({ ok: false, errorCode, message: expect.stringContaining(words) });
    const said = JSON.stringify([outcome, hooks.lines]);
    for (const secret of [PASSWORD, 'battery', '84756120']) expect(said).not.toContain(secret);
    expect(hooks.lines.join('\n')).toContain('[secret]');
  });

  test('of a program that is not there is a refusal in words', async () => {
    const outcome = await runner.check(spec('ok', 'tap-gone'), recorded(), forever);
    expect(outcome).toMatchObject({ ok: false, errorCode: 'tap.not_started' });
  });

  test('that is told to stop ends its tap, then throws', async () => {
    const stop = new AbortController();
    const hooks = recorded((line) => {
      if (line.startsWith('pid ')) stop.abort(new Error('enough'));
    });
    await expect(runner.check(spec('hang', 'tap-still'), hooks, stop.signal)).rejects.toThrow('enough');
    expect(pidsIn(hooks.lines).filter(isAlive)).toEqual([]);
  });
});

describe('a discovery', () => {
  test('answers streams with fields, types and keys', async () => {
    expect(await runner.discover(spec('ok'), recorded(), forever)).toEqual({
      ok: true,
      streams: [
        {
          stream: 'deals',
          keyProperties: ['id'],
          replicationKey: 'at',
          fields: { id: 'integer', at: 'date-time' },
        },
      ],
    });
  });

  test('of a tap that fails is a refusal with the end of its log', async () => {
    expect(await runner.discover(spec('refuse'), recorded(), forever)).toEqual({
      ok: false,
      errorCode: 'tap.discover_failed',
      message: expect.stringMatching(/exit code 1\..*login with \[secret\] failed/),
    });
  });
});

describe('a tap that falls silent is ended after the idle timeout', () => {
  const SILENT = expect.stringMatching(/ended with .*It wrote nothing for 0.5 s and was stopped\./);
  const impatient = () => createFakeTapRunner(database.database.pool, 500);

  test('in a discovery', async () => {
    const hooks = recorded();
    const outcome = await impatient().discover(spec('hang'), hooks, forever);
    expect(outcome).toEqual({ ok: false, errorCode: 'tap.killed', message: SILENT });
    expect(pidsIn(hooks.lines).filter(isAlive)).toEqual([]);
  });

  test.each(['tap-fake', 'tap-still'])('in a check of %s', async (tap) => {
    const hooks = recorded();
    const outcome = await impatient().check(spec('hang', tap), hooks, forever);
    expect(outcome).toEqual({ ok: false, errorCode: 'tap.killed', message: SILENT });
    expect(pidsIn(hooks.lines).filter(isAlive)).toEqual([]);
  });

  test.each([
    ['tap-fake', 'hang'],
    ['tap-still', 'hang'],
    ['tap-still', 'hang-politely'],
  ])('in a run of %s that does %s', async (tap, mode) => {
    const lines = recorded();
    const hooks = { ...lines, progress: () => {}, guardCommit: async () => {} };
    const outcome = await impatient().execute(runSpec(mode, tap), hooks, forever);
    expect(outcome).toMatchObject({ status: 'failed', errorCode: 'tap.killed', errorMsg: SILENT });
    expect(pidsIn(lines.lines).filter(isAlive)).toEqual([]);
  });
});

test('a tap listed without discovery that prints no catalog is told as such', async () => {
  expect(await runner.discover(spec('garbage', 'tap-still'), recorded(), forever)).toMatchObject({
    ok: false,
    errorCode: 'tap.no_discovery',
    message: expect.stringContaining('listed without discovery'),
  });
});
