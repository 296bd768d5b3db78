import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSyncBench, type SyncBench } from '../harness/airbyte/sync-bench.ts';
import { engines } from '../harness/engines.ts';
import { createFlightsSource, FLIGHTS, type FlightsSource, TAP_POSTGRES } from '../harness/flights-source.ts';
import { createTestMeltanoRunner } from '../harness/meltano.ts';

describe.skipIf(!engines.hasPlugins())('tap-postgres from PyPI on a Postgres with 200,000 rows', () => {
  let source: FlightsSource;
  let bench: SyncBench;
  let connector: { id: string; stagingSchema: string };
  beforeAll(async () => {
    source = await createFlightsSource();
    bench = await openSyncBench(({ database }) => createTestMeltanoRunner({ pool: database.pool }));
    connector = await bench.connector(source.config, {
      tapName: 'tap-postgres',
      tapVersion: TAP_POSTGRES,
      sourceSystem: 'postgres',
      destinationTable: 'flights',
    });
  });
  afterAll(async () => {
    await bench.close();
    await source.close();
  });

  test('the first run moves every row, with its values', async () => {
    const { history, log } = await bench.sync(connector.id);
    expect({ log, ...history }).toMatchObject({
      status: 'completed',
      rowsSynced: FLIGHTS,
      rowsLoaded: FLIGHTS,
      transformErrors: 0,
    });
    expect(log).toContain('tap-postgres info:');
    expect(await fingerprint('staging')).toEqual(await fingerprint('source'));
  });

  test('the second run moves the changed rows and no others', async () => {
    const { sql } = source.database;
    await sql`update flights set delay = 0, updated_at = '2026-02-01' where id % 2000 = 0`;
    await sql`insert into flights values (200001, 1, 2, 3.5, '2026-02-02')`;
    const { history } = await bench.sync(connector.id);
    expect(history).toMatchObject({ status: 'completed', rowsSynced: 101, rowsLoaded: 101 });
    expect(await fingerprint('staging')).toEqual(await fingerprint('source'));
  });

  test("the state is the connector's row: who sets it back gets the rows since then again", async () => {
    const state = {
      bookmarks: {
        'public-flights': {
          replication_key: 'updated_at',
          replication_key_value: '2026-02-01T12:00:00+00:00',
        },
      },
    };
    await bench.deps.database.sql`
      update etl.meltano_connectors set tap_state = ${JSON.stringify(state)} where id = ${connector.id}`;
    const { history, tapState } = await bench.sync(connector.id);
    expect(history).toMatchObject({ status: 'completed', rowsSynced: 1 });
    expect(tapState).toContain('2026-02-02');
  });

  async function fingerprint(where: 'source' | 'staging') {
    const database = where === 'source' ? source.database : bench.deps.database;
    const schema = where === 'source' ? 'public' : connector.stagingSchema;
    const { sql } = database;
    return sql`select count(*)::int as rows, sum(delay)::int as delays, sum(distance)::int as distances,
      sum(id::bigint * round(time::numeric * 100))::text as times, max(updated_at)::timestamptz as latest from ${sql(schema)}.flights`.then(
      (rows) => rows.map((row) => ({ ...row })),
    );
  }
});
