import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { signToken } from '../../src/api/token.ts';
import { type ApiClient, createApiClient } from '../../src/cli/demo/http.ts';
import { parseEnvFile } from '../../src/config.ts';
import { openDatabase, type Sql } from '../../src/db/client.ts';
import { sealConfig } from '../../src/domain/config-envelope.ts';
import { dataset } from '../shared/dataset.ts';
import { CLI, startServing } from '../shared/ivory-process.ts';
import { BrokenBenchmark } from '../shared/outcome.ts';
import { type TreeFigures, watchTree } from '../shared/process-tree.ts';

export interface EmbeddedRun extends TreeFigures {
  /** From the trigger until the run is in the history. */
  seconds: number;
  /** From the trigger until a worker had the run. */
  waitS: number;
  /** Tap and staging. */
  stagingS: number;
  /** Staging to lakehouse, transform included. */
  loadS: number;
}

/** A file of flights and how many there are. */
export interface Flights {
  path: string;
  rows: number;
}

export const FLIGHTS: Flights = { path: dataset('flights-3m.parquet'), rows: 3_000_000 };
const TENANT = 'acme';
const LIMIT_S = 1_200;
const COLUMNS = {
  date: 'timestamp',
  delay: 'double',
  distance: 'long',
  origin: 'string',
  destination: 'string',
};
const TRANSFORMS: Record<string, string> = {
  delay: 'float(v)/60 if v else 0.0',
  origin: 'v.strip().upper() if v else None',
};

/** `ivory dev` on a fresh folder: one connector over the file, every column mapped, two through an expression, one run. */
export async function runEmbedded({ path, rows }: Flights): Promise<EmbeddedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-bench-'));
  const dataDir = join(folder, 'data');
  const files = join(dataDir, 'files', TENANT);
  mkdirSync(files, { recursive: true });
  const file = `flights${extname(path)}`;
  copyFileSync(path, join(files, file));
  const environment = { LOG_LEVEL: 'warn' };
  const dev = await startServing(CLI, ['dev', '--data-dir', dataDir, '--port', '0'], { environment, folder });
  try {
    const settings = parseEnvFile(readFileSync(join(dataDir, 'env'), 'utf8'));
    const token = await signToken(settings['JWT_SECRET'] ?? '', { tenantId: TENANT, ttlS: 36_000 });
    const api = createApiClient(dev.ready, token);
    const id = await prepare(api, file, Buffer.from(settings['IVORY_CONFIG_KEY'] ?? '', 'base64'));
    const database = openDatabase(settings['DATABASE_URL'] ?? '', { maxConnections: 2 });
    const tree = watchTree(dev.pid, labelOf);
    try {
      const startedAt = performance.now();
      await api.call('POST', `/v1/admin/connectors/${id}/trigger`);
      await untilFinished(database.sql, id, { rows, log: dev.log });
      const seconds = (performance.now() - startedAt) / 1_000;
      return { seconds, ...(await stagesOf(database.sql, id)), ...tree.stop() };
    } finally {
      tree.stop();
      await database.close();
    }
  } finally {
    await dev.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(api: ApiClient, file: string, configKey: Buffer): Promise<string> {
  const connector = await api.call<{ id: string }>('POST', '/v1/admin/connectors', {
    source_system: 'flights',
    tap_name: 'tap-files',
    connector_type: 'custom',
    destination_catalog: 'ivory-lakehouse',
    destination_table: 'flights',
    sync_schedule: '0 0 1 1 *',
    config_encrypted: sealConfig(configKey, { streams: [{ name: 'flights', path: file }] }),
  });
  const path = `/v1/admin/connectors/${connector.id}`;
  const { mappings } = await api.call<{ mappings: { id: string; source_field: string }[] }>(
    'POST',
    `${path}/map-fields`,
    {
      source_stream: 'flights',
      source_schema: Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, 'string'])),
      target_schema: 'custom',
      target_table: 'flights',
      target_schema_def: COLUMNS,
    },
  );
  if (mappings.length !== Object.keys(COLUMNS).length)
    throw new BrokenBenchmark('not every column was mapped');
  for (const { id, source_field } of mappings) {
    const transform_fn = TRANSFORMS[source_field];
    await api.call('PUT', `${path}/mappings/${id}`, {
      reviewed: true,
      ...(transform_fn && { transform_fn }),
    });
  }
  return connector.id;
}

async function untilFinished(
  sql: Sql,
  connectorId: string,
  { rows, log }: { rows: number; log(): string },
): Promise<void> {
  const deadline = performance.now() + LIMIT_S * 1_000;
  while (performance.now() < deadline) {
    const [run] =
      await sql`select status, rows_loaded::int, error_msg from etl.sync_runs where connector_id = ${connectorId}`;
    if (run?.['status'] === 'completed' && run['rows_loaded'] === rows) return;
    if (run) throw new BrokenBenchmark(`the run ended ${JSON.stringify(run)}\n${log().slice(-2_000)}`);
    await wait(100);
  }
  throw new BrokenBenchmark(`the run did not end within ${LIMIT_S} s\n${log().slice(-2_000)}`);
}

async function stagesOf(
  sql: Sql,
  connectorId: string,
): Promise<Pick<EmbeddedRun, 'waitS' | 'stagingS' | 'loadS'>> {
  const [run] = await sql`select
      extract(epoch from started_at - created_at)::float8 as wait_s,
      extract(epoch from reported_at - started_at)::float8 as staging_s,
      extract(epoch from finished_at - reported_at)::float8 as load_s
    from etl.runner_jobs where connector_id = ${connectorId}`;
  return {
    waitS: Number(run?.['wait_s']),
    stagingS: Number(run?.['staging_s']),
    loadS: Number(run?.['load_s']),
  };
}

function labelOf(command: string): string {
  if (command.includes('tap-files')) return 'tap';
  return command.includes('postgres') ? 'postgres_with_shared_buffers' : 'ivory_dev';
}
