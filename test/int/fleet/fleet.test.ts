import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestClient, type TestClient } from '../../harness/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { type IvoryProcess, runIvory, startIvory } from '../../harness/processes.ts';
import { redisUrl } from '../../harness/redis.ts';
import { type RedisServer, startRedis } from '../../harness/redis-server.ts';

const AIRPORTS = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/airports.csv', import.meta.url),
);
const AIRPORT_COUNT = 3_376;
const PROCESSES = [
  ['api'],
  ['worker', 'scheduler'],
  ['worker', 'runner'],
  ['worker', 'transform'],
  ['worker', 'mapping'],
];
const KEY = Buffer.alloc(32, 3).toString('base64');

interface Runs {
  runs: {
    status: string;
    rows_synced: number;
    rows_loaded: number;
    transform_errors: number;
    error_msg: string | null;
  }[];
}

describe.each([{ queues: 'redis' }, { queues: 'postgres' }])(
  'five processes with their queues on $queues',
  ({ queues }) => {
    const unavailable = queues === 'redis' && redisUrl() === null;
    let database: TestDatabase;
    let redis: RedisServer | null;
    let files: string;
    let environment: Record<string, string>;
    let fleet: IvoryProcess[] = [];
    let client: TestClient;

    beforeAll(async () => {
      if (unavailable) return;
      database = await createTestDatabase();
      redis = queues === 'redis' ? await startRedis() : null;
      files = await mkdtemp(join(tmpdir(), 'ivory-fleet-'));
      environment = {
        DATABASE_URL: database.url,
        ...(redis ? { REDIS_URL: redis.url } : {}),
        JWT_SECRET: 's'.repeat(32),
        IVORY_MASTER_KEY: KEY,
        IVORY_CONFIG_KEY: KEY,
        TAP_FILES_ROOT: files,
        PORT: '0',
      };
      fleet = await Promise.all(PROCESSES.map((args) => startIvory(args, environment)));
      await runIvory(['catalog', 'add', '--tenant', 'acme', '--name', 'lake'], environment);
      const token = await runIvory(['token', '--tenant', 'acme'], environment);
      client = createTestClient(fleet[0]?.ready ?? '', token);
    });

    afterAll(async () => {
      if (unavailable) return;
      await Promise.all(fleet.map((process) => process.end('SIGKILL')));
      await redis?.stop();
      await database.close();
      await rm(files, { recursive: true, force: true });
    });

    test.skipIf(unavailable)('carry a run from a file to the lakehouse', async () => {
      await mkdir(join(files, 'acme'));
      await copyFile(AIRPORTS, join(files, 'acme', 'airports.csv'));
      const config = await encrypted(
        { streams: [{ name: 'airports', path: 'airports.csv', key_properties: ['iata'] }] },
        environment,
      );
      const { id } = await client.call<{ id: string }>('POST', '/v1/admin/connectors', {
        source_system: 'files',
        tap_name: 'tap-files',
        connector_type: 'custom',
        destination_catalog: 'lake',
        destination_table: 'airports',
        config_encrypted: config,
      });
      const { mapped } = await client.call<{ mapped: number }>(
        'POST',
        `/v1/admin/connectors/${id}/map-fields`,
        {
          source_stream: 'airports',
          source_schema: { iata: 'string', name: 'string', city: 'string', latitude: 'number' },
          target_schema: 'custom',
          target_table: 'airports',
          target_schema_def: { iata: 'string', name: 'string', city: 'string', latitude: 'double' },
        },
      );
      expect(mapped).toBe(4);
      await client.call('POST', `/v1/admin/connectors/${id}/trigger`);
      const { runs } = await client.until<Runs>(
        `/v1/admin/connectors/${id}/runs`,
        (body) => body.runs.length > 0,
      );
      expect(runs).toMatchObject([
        {
          status: 'completed',
          rows_synced: AIRPORT_COUNT,
          rows_loaded: AIRPORT_COUNT,
          transform_errors: 0,
          error_msg: null,
        },
      ]);
      const rows = await database.database
        .sql`select count(*)::int as n, count(distinct iata)::int as keys from ivory_tenant_acme.airports`;
      expect(rows[0]).toEqual({ n: AIRPORT_COUNT, keys: AIRPORT_COUNT });
    });

    test.skipIf(unavailable)('end with exit code 0 when asked to', async () => {
      expect(await Promise.all(fleet.map((process) => process.end()))).toEqual(fleet.map(() => 0));
    });
  },
);

function encrypted(config: unknown, environment: Record<string, string>): Promise<string> {
  return runIvory(['encrypt-config'], environment, JSON.stringify(config));
}
