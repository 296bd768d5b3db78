import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Runner, TapSpec } from '../../src/ports/runner.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { engines } from '../harness/engines.ts';
import { createTestMeltanoRunner, registryWithScript } from '../harness/meltano.ts';

const SCRIPT = fileURLToPath(new URL('../harness/echo-tap.ts', import.meta.url));

/** What Meltano, YAML or a shell could take for something else. */
const CONFIG = {
  password: 'pa$$HOME $HOME \\$HOME $x $1 $$ `id` "quoted" #no: comment',
  braces: ['$', '{HOME} and {nothing}'].join(''),
  multi: 'two\nlines\ttab\r',
  unicode: 'é\u2028\u0085\u007f😀',
  'like numbers': ['0123', '1e3', 'true', 'null', '~', '2020-01-01', ''],
  empty: '',
  port: 5432,
  ratio: 0.25,
  big: Number.MAX_SAFE_INTEGER,
  negative: -1,
  flag: false,
  list: ['a', { b: [1, { c: '$HOME' }] }, []],
  nested: { x: { 'dotted.name': 'v', $HOME: 'x', deep: { deeper: [null, 1.5] } }, none: {} },
  stream_maps: { 'public-flights': { __alias__: 'flights', '<<': '*anchor' } },
};

describe.skipIf(!engines.hasPlugins())('what a tap under Meltano gets', () => {
  let database: TestDatabase;
  let runner: Runner;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    database = await createTestDatabase();
    const registry = await registryWithScript('tap-echo', SCRIPT);
    remove = registry.remove;
    runner = createTestMeltanoRunner({ pool: database.database.pool, tapsFile: registry.tapsFile });
  });
  afterAll(async () => {
    await remove();
    await database.close();
  });

  /** What the tap was given, as it told in a row of its own. */
  async function echoed(config: Record<string, unknown>, meltanoEnvironment = 'prod') {
    const schema = `echo_${crypto.randomUUID().slice(0, 8)}`;
    const tap: TapSpec = {
      tenantId: 'acme',
      connectorId: 'c',
      sourceSystem: 'echo',
      tapName: 'tap-echo',
      tapVersion: null,
      meltanoEnvironment,
      config,
    };
    const outcome = await runner.execute(
      {
        ...tap,
        runId: 'r',
        trigger: 'manual',
        state: null,
        stagingSchema: schema,
        stagingSession: 'r',
        loadId: 1,
      },
      { log() {}, progress() {}, guardCommit: async () => {} },
      new AbortController().signal,
    );
    if (outcome.status !== 'completed') return outcome;
    const { sql } = database.database;
    const [row] = await sql<{ given: string }[]>`select given from ${sql(schema)}.echo`;
    return JSON.parse(row?.given ?? '') as {
      config: object;
      catalog: object;
      environment: string;
      env: string[];
    };
  }

  test('is its config, unchanged whatever is in it', async () => {
    expect(Object.entries(await echoed(CONFIG))).toContainEqual(['config', CONFIG]);
  });

  test('is the name of its Meltano environment, and nothing of this process', async () => {
    const { environment, env } = (await echoed({ a: 'b' }, 'staging_eu-1')) as {
      environment: string;
      env: string[];
    };
    expect(environment).toBe('staging_eu-1');
    expect(env.filter((name) => /DATABASE_URL|IVORY_(?!CHILD)|VITEST|NODE/.test(name))).toEqual([]);
  });

  test('is a catalog made by the rules of _select, _metadata and _schema', async () => {
    const given = await echoed({
      a: 'b',
      _select: ['echo.*', '!echo.internal'],
      _metadata: { echo: { 'replication-method': 'INCREMENTAL', 'replication-key': 'at' } },
      _schema: { echo: { at: { type: ['null', 'string'], format: 'date-time' } } },
    });
    expect(given).toMatchObject({
      config: { a: 'b' },
      catalog: {
        streams: [
          {
            schema: { properties: { at: { format: 'date-time' } } },
            metadata: expect.arrayContaining([
              {
                breadcrumb: [],
                metadata: expect.objectContaining({
                  selected: true,
                  'replication-method': 'INCREMENTAL',
                  'replication-key': 'at',
                }),
              },
              {
                breadcrumb: ['properties', 'internal'],
                metadata: expect.objectContaining({ selected: false }),
              },
            ]),
          },
        ],
      },
    });
  });

  test('is nothing where the environment has no name Meltano can have', async () => {
    expect(await echoed({}, 'prod:eu')).toMatchObject({
      status: 'failed',
      errorCode: 'meltano.environment_invalid',
    });
  });
});
