import { setTimeout as sleep } from 'node:timers/promises';
import { contextFor } from '../../context.ts';
import { sealConfig } from '../../domain/config-envelope.ts';
import { AppError } from '../../errors.ts';
import { addCatalog } from '../../services/catalogs/add.ts';
import type { DevStack } from '../dev/stack.ts';
import { type Check, check, type DemoAccount, type DemoRun } from './account.ts';
import {
  type Birdstrikes,
  dropFile,
  readBirdstrikes,
  SIZE,
  type SourceTruth,
  truthOf,
} from './birdstrikes.ts';
import { discoverFields } from './discover.ts';
import type { ApiClient } from './http.ts';
import { SIZE_TRANSFORM, TARGET_COLUMNS, TARGET_TABLE } from './target.ts';

export const DEMO_TENANT = 'birdwatch';
const CATALOG = 'birdwatch-lakehouse';
const STREAM = 'birdstrikes';
const RUN_DEADLINE_MS = 50_000;
/** How many of the records are in the first file; the rest comes with the second. */
const FIRST_DROP = 6_000;

export interface DemoInput {
  stack: DevStack;
  api: ApiClient;
  /** The tenant's own folder: all that its tap-files may read. */
  folder: string;
  tell(text: string): void;
}

/** The main job, through every part: file -> tap -> staging -> mapping and transform -> lakehouse, twice. */
export async function runDemo(input: DemoInput): Promise<Omit<DemoAccount, 'seconds'>> {
  const { api, stack, folder, tell } = input;
  const source = await readBirdstrikes();
  const truth = truthOf(source);

  const namespace = await provision(stack);
  tell(`tenant ${DEMO_TENANT}: catalog ${CATALOG} provisioned, namespace ${namespace}`);
  await dropFile(folder, 'birdstrikes-1.csv', source, source.lines.slice(0, FIRST_DROP));
  const connector = await register(stack, api);
  tell(`connector ${connector.id} registered, status ${connector.status}`);

  await proposeAndReview(input, connector.id);
  const first = await runOnce(api, connector.id);
  tell(
    `first run ${first.status}: ${first.rows_synced} rows synced, ${first.rows_loaded} loaded in ${first.duration_s} s`,
  );

  await dropFile(folder, 'birdstrikes-2.csv', source, source.lines.slice(FIRST_DROP));
  const second = await runOnce(api, connector.id);
  tell(
    `second run ${second.status}: ${second.rows_synced} new rows synced, ${second.rows_loaded} loaded in ${second.duration_s} s`,
  );

  const table = `${namespace}.${TARGET_TABLE}`;
  const checks = [...checkRuns(source, first, second), ...(await checkLakehouse(stack, namespace, truth))];
  return {
    connector_id: connector.id,
    runs: [first, second],
    rows_synced: first.rows_synced + second.rows_synced,
    rows_loaded: first.rows_loaded + second.rows_loaded,
    transform_errors: first.transform_errors + second.transform_errors,
    tables: [table],
    checks,
  };
}

async function provision({ deps }: DevStack): Promise<string> {
  const ctx = contextFor(deps, { tenantId: DEMO_TENANT, actor: 'cli' });
  const { namespace } = await addCatalog(ctx, { catalogName: CATALOG });
  return namespace;
}

function register({ config }: DevStack, api: ApiClient): Promise<{ id: string; status: string }> {
  const key = Buffer.from(config.IVORY_CONFIG_KEY ?? '', 'base64');
  return api.call('POST', '/v1/admin/connectors', {
    source_system: 'faa_wildlife',
    tap_name: 'tap-files',
    connector_type: 'custom',
    destination_catalog: CATALOG,
    destination_table: TARGET_TABLE,
    config_encrypted: sealConfig(key, TAP_CONFIG),
  });
}

const TAP_CONFIG = { streams: [{ name: STREAM, path: '*.csv' }] };

interface Mapping {
  id: string;
  source_field: string;
  target_column: string;
  confidence_score: number;
  reviewed: boolean;
}

/** Asks for proposals, approves each as a person would, and edits one transform. */
async function proposeAndReview({ api, tell }: DemoInput, connectorId: string): Promise<void> {
  const proposed = await api.call<{ mapped: number; message: string; mappings: Mapping[] }>(
    'POST',
    `/v1/admin/connectors/${connectorId}/map-fields`,
    {
      source_stream: STREAM,
      source_schema: await discoverFields(api, connectorId),
      target_schema: 'custom',
      target_table: TARGET_TABLE,
      target_schema_def: TARGET_COLUMNS,
    },
  );
  tell(`${proposed.mapped} mappings proposed without a model. ${proposed.message}`);
  for (const mapping of proposed.mappings) {
    tell(`    ${mapping.source_field} -> ${mapping.target_column} (${mapping.confidence_score})`);
    const edit = mapping.source_field === SIZE ? { transform_fn: SIZE_TRANSFORM } : {};
    await api.call('PUT', `/v1/admin/connectors/${connectorId}/mappings/${mapping.id}`, {
      reviewed: true,
      ...edit,
    });
  }
  tell(`all approved; the transform of "${SIZE}" edited to ${SIZE_TRANSFORM}`);
}

/** Triggers the connector and waits until a run more than before is in its history. */
async function runOnce(api: ApiClient, connectorId: string): Promise<DemoRun> {
  const before = await history(api, connectorId);
  await api.call('POST', `/v1/admin/connectors/${connectorId}/trigger`);
  const deadline = performance.now() + RUN_DEADLINE_MS;
  while (performance.now() < deadline) {
    const runs = await history(api, connectorId);
    const [latest] = runs;
    if (latest && runs.length > before.length) return latest;
    await sleep(100);
  }
  throw new AppError(
    'demo.timeout',
    `The run did not end within ${RUN_DEADLINE_MS / 1000} s; the log on stderr says what it does.`,
    'terminal',
  );
}

async function history(api: ApiClient, connectorId: string): Promise<DemoRun[]> {
  const { runs } = await api.call<{ runs: DemoRun[] }>('GET', `/v1/admin/connectors/${connectorId}/runs`);
  return runs;
}

function checkRuns({ lines }: Birdstrikes, first: DemoRun, second: DemoRun): Check[] {
  return [
    check('first run completed', 'completed', first.status),
    check('first run took the first file', FIRST_DROP, first.rows_loaded),
    check('second run completed', 'completed', second.status),
    check('second run took only the new rows', lines.length - FIRST_DROP, second.rows_synced),
    check('no row was lost or refused', 0, first.transform_errors + second.transform_errors),
  ];
}

async function checkLakehouse({ deps }: DevStack, namespace: string, truth: SourceTruth): Promise<Check[]> {
  const ask = async (statement: string) => {
    const answer = await deps.lakehouse.query(DEMO_TENANT, namespace, statement, {
      maxRows: 100,
      timeoutMs: 10_000,
    });
    return answer.rows;
  };
  const [totals] = await ask(`select count(*), sum(total_cost_usd) from ${TARGET_TABLE}`);
  const sizes = await ask(`select wildlife_size, count(*) from ${TARGET_TABLE} group by 1 order by 1`);
  return [
    check('rows in the lakehouse', truth.rows, Number(totals?.[0])),
    check('sum of total_cost_usd', truth.totalCost, Number(totals?.[1])),
    check(
      'rows by wildlife_size',
      truth.bySize,
      Object.fromEntries(sizes.map(([size, n]) => [size, Number(n)])),
    ),
  ];
}
