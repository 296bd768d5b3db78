import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSparkClient, type SparkClient } from '../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../src/adapters/lakehouse/spark/client/spark-url.ts';
import { createSparkLakehouse } from '../src/adapters/lakehouse/spark/spark.ts';
import { sparkLiteral } from '../src/adapters/lakehouse/spark/spark-literals.ts';
import { createStage } from '../src/adapters/lakehouse/stage/stage.ts';
import type { LakeValue } from '../src/domain/lake-type.ts';
import { createLog } from '../src/log.ts';
import type { BatchSpec, LakeColumn, Lakehouse } from '../src/ports/lakehouse.ts';
import { sparkIsInstalled, startSparkServer } from '../test/harness/spark-server.ts';
import { dataset } from './shared/dataset.ts';
import {
  alternate,
  type BenchOptions,
  BrokenBenchmark,
  median,
  type Outcome,
  rounded,
} from './shared/outcome.ts';

const ROWS = 200_000;
/** As a load writes: what it transforms at once. */
const WRITE_ROWS = 10_000;
/** As documented. */
const STATEMENT_ROWS = 500;
const AIM = 50;
/** A server compiles what it runs often: both sides' figures are those of one that has been at work for a while. */
const WARM = 5;
const TENANT = 'acme';
const NAMESPACE = 'ivory_tenant_acme';
const COLUMNS: LakeColumn[] = [
  { name: 'id', type: { kind: 'long' } },
  { name: 'delay', type: { kind: 'int' } },
  { name: 'distance', type: { kind: 'int' } },
  { name: 'time', type: { kind: 'double' } },
];

type Rows = readonly (readonly LakeValue[])[];

/** The same rows into a new Iceberg table of the same Spark: by the adapter, and by the documented INSERT .. VALUES of 500. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  if (!sparkIsInstalled()) throw new BrokenBenchmark('Spark is not installed: `make engines` brings it.');
  const rows = flights();
  const folder = mkdtempSync(join(tmpdir(), 'ivory-bench-'));
  const server = await startSparkServer();
  const log = createLog({ level: 'silent', pretty: false, role: 'bench' });
  const stage = createStage(pathToFileURL(folder).href);
  const lakehouse = createSparkLakehouse({ url: server.url, stage, log });
  const client = createSparkClient({ endpoint: parseSparkUrl(server.url), log });
  try {
    await lakehouse.provision(TENANT, NAMESPACE);
    say('warming both paths');
    for (let n = 0; n < WARM; n++) await byAdapter(lakehouse, client, rows);
    await byStatements(client, rows.slice(0, STATEMENT_ROWS * WARM), () => {});
    const measured = await alternate(rounds ?? 1, {
      ivory: async () => {
        // the machine's own noise weighs more in one second than in minutes: the middle of five
        const seconds = [];
        for (let n = 0; n < 5; n++) seconds.push(await byAdapter(lakehouse, client, rows));
        say(`ivory: ${seconds.map((s) => s.toFixed(1)).join(', ')} s`);
        return median(seconds);
      },
      statements: () => byStatements(client, rows, say),
    });
    return outcome(median(measured.ivory), median(measured.statements));
  } finally {
    await Promise.all([lakehouse.close(), client.close()]);
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function outcome(ivory: number, statements: number): Outcome {
  const side = (seconds: number) => ({
    seconds_s: rounded(seconds),
    rows_per_s: Math.round(ROWS / seconds),
  });
  const ratio = rounded(statements / ivory);
  return {
    name: 'lake-load',
    aim: `${AIM}x of INSERT .. VALUES in batches of ${STATEMENT_ROWS}, one snapshot a run`,
    ratio,
    ok: ratio >= AIM,
    sides: { ivory: side(ivory), 'INSERT .. VALUES': side(statements) },
    notes: [
      `${ROWS.toLocaleString('en')} rows of flights-200k.json, ${COLUMNS.length} columns, appended to a new table each time; one Spark 3.5 with Iceberg, local[2]`,
      'ivory: ensureTable, Parquet files, one INSERT into a snapshot nobody sees, publication and look-ups, files removed; the middle of five',
      `before the time: ${WARM} whole loads of ours and ${WARM} statements of theirs, whose 400 go on warming up by themselves`,
      'other side: statements alone, the table already made, one after the other as documented; no promise to do it once',
      'both tables are counted and summed afterwards, and the snapshots of ours counted, outside of the time',
    ],
  };
}

/** Seconds. */
async function byAdapter(lakehouse: Lakehouse, client: SparkClient, rows: Rows): Promise<number> {
  const spec = newSpec();
  const startedAt = performance.now();
  await lakehouse.ensureTable(spec);
  const batch = await lakehouse.openBatch(spec);
  for (let from = 0; from < rows.length; from += WRITE_ROWS)
    await batch.write(rows.slice(from, from + WRITE_ROWS));
  await batch.commit();
  await batch.abort();
  const seconds = (performance.now() - startedAt) / 1_000;
  await check(client, spec.table, rows);
  const { rows: found } = await client.query(`SELECT COUNT(*) FROM ${NAMESPACE}.${spec.table}.snapshots`);
  if (found[0]?.[0] !== 1n) throw new BrokenBenchmark(`${found[0]?.[0]} snapshots instead of one`);
  return seconds;
}

/** Seconds. */
async function byStatements(client: SparkClient, rows: Rows, say: (line: string) => void): Promise<number> {
  const { table } = newSpec();
  const name = `${NAMESPACE}.${table}`;
  await client.execute(
    `CREATE TABLE ${name} (id BIGINT, delay INT, distance INT, time DOUBLE) USING iceberg`,
  );
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1_000;
  for (let from = 0; from < rows.length; from += STATEMENT_ROWS) {
    const values = rows
      .slice(from, from + STATEMENT_ROWS)
      .map(tuple)
      .join(', ');
    await client.execute(`INSERT INTO ${name} VALUES ${values}`);
    if ((from / STATEMENT_ROWS) % 50 === 49) say(`INSERT .. VALUES: ${from} rows, ${seconds().toFixed(0)} s`);
  }
  const taken = seconds();
  await check(client, table, rows);
  return taken;
}

function tuple(row: readonly LakeValue[]): string {
  return `(${COLUMNS.map(({ type }, n) => sparkLiteral(row[n] ?? null, type)).join(', ')})`;
}

/** No figure counts unless every row is there. */
async function check(client: SparkClient, table: string, rows: Rows): Promise<void> {
  const wanted = rows.reduce((sum, [id]) => sum + (typeof id === 'bigint' ? id : 0n), 0n);
  const { rows: found } = await client.query(`SELECT COUNT(*), SUM(id) FROM ${NAMESPACE}.${table}`);
  const [count, sum] = found[0] ?? [];
  if (count !== BigInt(rows.length) || sum !== wanted)
    throw new BrokenBenchmark(
      `${table} holds ${count} rows with sum ${sum}, not ${rows.length} and ${wanted}`,
    );
}

/** Flights as rows of COLUMNS, numbered. */
function flights(): Rows {
  const found: unknown = JSON.parse(readFileSync(dataset('flights-200k.json'), 'utf8'));
  if (!Array.isArray(found) || found.length !== ROWS)
    throw new BrokenBenchmark('flights-200k.json is not itself');
  return found.map(({ delay, distance, time }, n) => [
    BigInt(n),
    BigInt(delay),
    BigInt(distance),
    Number(time),
  ]);
}

function newSpec(): BatchSpec {
  return {
    tenantId: TENANT,
    batchId: crypto.randomUUID(),
    namespace: NAMESPACE,
    table: `flights_${crypto.randomUUID().slice(0, 8)}`,
    columns: COLUMNS,
    keys: [],
    mode: 'append',
  };
}
