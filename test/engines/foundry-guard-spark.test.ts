import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSparkClient,
  type SparkClient,
} from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { guardSpark } from '../../src/foundry/guard/spark/guard.ts';
import { createLog } from '../../src/log.ts';
import { readCorpus } from '../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../fixtures/foundry/spark/catalog.ts';
import { type SparkServer, sparkIsInstalled, startSparkServer } from '../harness/spark-server.ts';

const DATA = new URL('../../node_modules/vega-datasets/data/', import.meta.url);
/** Small data: fewer tasks, fewer seconds. */
const SETTINGS = { 'spark.sql.shuffle.partitions': '1', 'spark.sql.catalog.lake.cache-enabled': 'false' };
/** Answered at once. */
const BATCH = 12;

const SETUP = [
  'CREATE NAMESPACE lake.ivory_tenant_acme',
  'CREATE NAMESPACE lake.ivory_shared',
  view('strikes_csv', 'csv', 'birdstrikes.csv', "header 'true', inferSchema 'true'"),
  `CREATE TABLE lake.ivory_tenant_acme.strikes USING iceberg AS SELECT \`Airport Name\` AS airport, \`Aircraft Make Model\` AS aircraft,
    \`Effect Amount of damage\` AS effect, CAST(\`Flight Date\` AS DATE) AS flight_date, \`Aircraft Airline Operator\` AS operator,
    \`Origin State\` AS state, \`Phase of flight\` AS phase, nullif(\`Wildlife Size\`, 'None') AS size, \`Wildlife Species\` AS species,
    \`Time of day\` AS time_of_day, CAST(\`Cost Total $\` AS DOUBLE) AS cost_total, CAST(\`Speed IAS in knots\` AS DOUBLE) AS speed,
    split(\`Wildlife Species\`, ' ') AS tags, map('size', \`Wildlife Size\`, 'phase', \`Phase of flight\`) AS attrs,
    to_json(named_struct('size', \`Wildlife Size\`, 'cost', CAST(\`Cost Total $\` AS DOUBLE))) AS details FROM strikes_csv`,
  view('airports_csv', 'csv', 'airports.csv', "header 'true', inferSchema 'true'"),
  'CREATE TABLE lake.ivory_tenant_acme.airports USING iceberg AS SELECT * FROM airports_csv',
  view('weather_csv', 'csv', 'seattle-weather.csv', "header 'true', inferSchema 'true'"),
  `CREATE TABLE lake.ivory_tenant_acme.weather USING iceberg AS SELECT CAST(date AS DATE) AS day, precipitation, temp_max, temp_min, wind, weather
    FROM weather_csv`,
  view('flights_json', 'json', 'flights-2k.json', "multiLine 'true'"),
  `CREATE TABLE lake.ivory_tenant_acme.flights USING iceberg AS SELECT to_timestamp(date, 'yyyy/MM/dd HH:mm') AS at, CAST(delay AS INT) AS delay,
    CAST(distance AS INT) AS distance, origin, destination FROM flights_json`,
  `CREATE TABLE lake.ivory_shared.events USING iceberg AS SELECT IF(distance % 2 = 0, 'acme', 'globex') AS org, origin AS kind, delay AS amount
    FROM flights_json`,
];

describe.skipIf(!sparkIsInstalled())('on a real Spark', () => {
  let server: SparkServer;
  let client: SparkClient;

  beforeAll(async () => {
    server = await startSparkServer({ conf: SETTINGS });
    const log = createLog({ level: 'silent', pretty: false, role: 'test' });
    client = createSparkClient({ endpoint: parseSparkUrl(server.url), log, poolSize: 2 });
    await client.withSession(async (session) => {
      for (const statement of SETUP) await session.execute(statement);
    });
  });

  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const queries = readCorpus('spark/queries.jsonl');
  test.each(batches(queries))('guarded, they answer the same: $title', async ({ cases }) => {
    await client.withSession(async (session) => {
      await session.execute('USE lake.ivory_tenant_acme');
      for (const { name, query } of cases) {
        const text = await guarded(query, TENANT);
        const [own, other] = [await session.query(query), await session.query(text)];
        expect(sorted(other.rows), name).toEqual(sorted(own.rows));
        expect(own.rows.length, name).toBeGreaterThan(0);
        expect(own.rows.length, `${name}: more rows would be cut`).toBeLessThan(1_000);
      }
    });
  });

  test('of a shared table each tenant reads its own rows, as if alone in it', async () => {
    await client.withSession(async (session) => {
      await session.execute('USE lake.ivory_tenant_acme');
      for (const tenant of ['acme', 'globex']) {
        const alone = `(SELECT * FROM ivory_shared.events WHERE org = '${tenant}')`;
        for (const query of [
          'SELECT org, count(*) FROM ivory_shared.events GROUP BY org',
          "SELECT count(*) FROM ivory_shared.events e WHERE org = 'acme' OR org = 'globex' OR 1 = 1",
          'WITH e AS (SELECT * FROM ivory_shared.events) SELECT kind, sum(amount) FROM e GROUP BY kind ORDER BY kind LIMIT 50',
        ]) {
          const own = await session.query(query.replace('ivory_shared.events', alone));
          expect((await session.query(await guarded(query, tenant))).rows).toEqual(own.rows);
        }
      }
    });
  });
});

async function guarded(query: string, tenantId: string): Promise<string> {
  const verdict = await guardSpark({ tenantId, query, tables: TABLES, maxRows: 1_000 });
  if (!verdict.allowed) throw new Error(`${verdict.reason}: ${query}`);
  return verdict.query;
}

function batches<Case extends { name: string }>(cases: readonly Case[]): { title: string; cases: Case[] }[] {
  const starts = cases.flatMap((_, i) => (i % BATCH === 0 ? [i] : []));
  return starts.map((start) => {
    const part = cases.slice(start, start + BATCH);
    return { title: `${part[0]?.name} to ${part.at(-1)?.name}`, cases: part };
  });
}

/** Rows in one order, as text: the last digits of a sum of doubles follow the order of the tasks. */
function sorted(rows: readonly unknown[][]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(row, (_, value) =>
        typeof value === 'number'
          ? value.toPrecision(10)
          : String(value ?? null) === '[object Object]' || Array.isArray(value)
            ? value
            : String(value),
      ),
    )
    .sort();
}

function view(name: string, format: string, file: string, options: string): string {
  return `CREATE OR REPLACE TEMPORARY VIEW ${name} USING ${format} OPTIONS (path '${fileURLToPath(new URL(file, DATA))}', ${options})`;
}
