import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorRow, runsOf } from '../../harness/connectors.ts';
import { CONNECTORS } from '../api/fixture.ts';
import { createLiveApi, type LiveApi } from '../api/live.ts';
import { createSender, type Registered } from './sender.ts';
import { type ForeignStream, loadAsTargetPostgres } from './target-postgres.ts';

const NAMESPACE = 'ivory_tenant_acme';
const OPPORTUNITY = {
  table: 'Opportunity',
  key: ['Id'],
  columns: {
    Id: 'varchar(255)',
    Name: 'text',
    Amount: 'numeric',
    StageName: 'text',
    CloseDate: 'timestamp',
    Attributes: 'jsonb',
  },
};

let api: LiveApi;
let send: ReturnType<typeof createSender>;
beforeAll(async () => {
  api = await createLiveApi(['transform', 'mapping']);
  send = createSender(api);
});
afterAll(() => api.close());

/** A connector whose runs an external runner does, and its Opportunity stream in staging. */
async function registered(destination_table: string) {
  const connector: Registered = await api.create({ destination_table });
  const { body } = await api.call('GET', `${CONNECTORS}/${connector.id}`);
  return { connector, stream: { ...OPPORTUNITY, schema: body.staging_schema } };
}

const load = (stream: ForeignStream, rows: Record<string, unknown>[]) =>
  loadAsTargetPostgres(api.deps.database.sql, stream, rows);

const opportunities = (from: number, to: number, changes: Record<string, unknown> = {}) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    Id: `006-${from + at}`,
    Name: `Deal ${from + at}`,
    Amount: (from + at) * 100,
    StageName: ' Closed Won ',
    CloseDate: '2026-03-28T00:00:00',
    Attributes: { type: 'Opportunity', big: 1 },
    ...changes,
  }));

async function lakeRows(table: string, columns: string): Promise<unknown[][]> {
  const statement = `select ${columns} from ${table} order by 1`;
  const limits = { maxRows: 10_000, timeoutMs: 10_000 };
  return (await api.deps.lakehouse.query('acme', NAMESPACE, statement, limits)).rows;
}

describe('an external runner that knows no run ids', () => {
  test('has what its own loader staged loaded, is told so as documented, and next time only what is new', async () => {
    const { connector, stream } = await registered('salesforce_opportunities');
    await load(stream, opportunities(1, 1_204));
    const state = { bookmarks: { Opportunity: { SystemModstamp: '2026-03-28T12:01:00Z' } } };
    const first = await send(connector, { rows_written: 1_204, tap_state: state });
    expect([first.status, first.body]).toEqual([
      200,
      {
        run_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        status: 'completed',
        rows_loaded: 1_204,
        rows_failed: 0,
        tables: [`${NAMESPACE}.salesforce_opportunities`],
      },
    ]);
    const [totals] = await lakeRows('salesforce_opportunities', 'count(*), sum("Amount")');
    expect(totals?.map(Number)).toEqual([1_204, 100 * ((1_204 * 1_205) / 2)]);
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      tapState: JSON.stringify(state),
      rowsTotal: 1_204,
    });

    await load(stream, [...opportunities(1_200, 1_204, { Name: 'renamed' }), ...opportunities(1_205, 1_211)]);
    const second = await send(connector, { rows_written: 12 });
    expect(second.body).toEqual({
      run_id: expect.not.stringMatching(first.body.run_id),
      status: 'completed',
      rows_loaded: 12,
      rows_failed: 0,
      tables: [`${NAMESPACE}.salesforce_opportunities`],
    });
    const loaded = await lakeRows('salesforce_opportunities', '"Id", "Name"');
    expect(loaded).toHaveLength(1_211);
    expect(loaded.filter(([, name]) => name === 'renamed')).toHaveLength(5);

    const third = await send(connector, { rows_written: 0 });
    expect(third.body).toMatchObject({ status: 'completed', rows_loaded: 0, rows_failed: 0 });
    expect((await connectorRow(api.deps, connector.id)).rowsTotal).toBe(1_216);
    const { body } = await api.call('GET', `${CONNECTORS}/${connector.id}/runs`);
    expect(body.runs.map((run: Record<string, unknown>) => [run['rows_synced'], run['rows_loaded']])).toEqual(
      [
        [0, 0],
        [12, 12],
        [1_204, 1_204],
      ],
    );
  });

  test('has its rows mapped and transformed; what a transform refuses is counted and kept', async () => {
    const { connector, stream } = await registered('deals');
    const one = `${CONNECTORS}/${connector.id}`;
    const proposed = await api.call('POST', `${one}/map-fields`, {
      body: {
        source_stream: 'Opportunity',
        source_schema: { Id: 'string', Amount: 'number', StageName: 'string' },
        target_schema: 'custom',
        target_table: 'deals',
        target_schema_def: { id: 'string', amount: 'double', stage_name: 'string' },
      },
    });
    expect(proposed.body.mapped).toBe(3);
    const edits: Record<string, object> = {
      Amount: { transform_fn: '1000 / (float(v) - 300)' },
      StageName: { transform_fn: 'v.strip().upper() if v else None' },
    };
    for (const { id, source_field } of proposed.body.mappings) {
      const body = { reviewed: true, ...edits[source_field] };
      expect((await api.call('PUT', `${one}/mappings/${id}`, { body })).status).toBe(200);
    }
    await load(stream, opportunities(1, 10));
    const { body } = await send(connector, { rows_written: 10 });
    expect(body).toEqual({
      run_id: expect.any(String),
      status: 'completed',
      rows_loaded: 9,
      rows_failed: 1,
      tables: [`${NAMESPACE}.deals`],
    });
    expect((await lakeRows('deals', 'id, amount, stage_name')).slice(0, 2)).toEqual([
      ['006-1', -5, 'CLOSED WON'],
      ['006-10', 1_000 / 700, 'CLOSED WON'],
    ]);
  });

  test('that ends partial has what it staged loaded; one that fails has nothing loaded until it comes again', async () => {
    const { connector, stream } = await registered('half');
    await load(stream, opportunities(1, 3));
    const failed = await send(connector, { status: 'failed', rows_written: 3, error_msg: 'broke' });
    expect(failed.body).toMatchObject({ status: 'failed', rows_loaded: 0, tables: [] });
    await load(stream, opportunities(4, 5));
    const partial = await send(connector, { status: 'partial', rows_written: 2, error_msg: 'broke late' });
    expect(partial.body).toMatchObject({
      status: 'partial',
      rows_loaded: 5,
      tables: [`${NAMESPACE}.half`],
    });
    expect(await lakeRows('half', '"Id"')).toHaveLength(5);
  });

  test('reporting twice at once has one run', async () => {
    const { connector, stream } = await registered('at_once');
    await load(stream, opportunities(1, 500));
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => send(connector, { rows_written: 500 })),
    );
    const runs = await runsOf(api.deps, connector.id);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const loaded = runs.map(({ id }) => answers.find(({ body }) => body.run_id === id)?.body.rows_loaded);
    expect(loaded.reduce((sum, rows) => sum + rows, 0)).toBe(500);
    expect(await lakeRows('at_once', '"Id"')).toHaveLength(500);
  });
});

test('two streams are two tables, named by the connector and the stream', async () => {
  const { connector, stream } = await registered('crm');
  await load(stream, opportunities(1, 2));
  await load(
    { schema: stream.schema, table: 'Account', key: ['Id'], columns: { Id: 'text', Name: 'text' } },
    [{ Id: '001', Name: 'Acme' }],
  );
  const { body } = await send(connector, { rows_written: 3 });
  expect(body).toMatchObject({
    status: 'completed',
    rows_loaded: 3,
    tables: [`${NAMESPACE}.crm__account`, `${NAMESPACE}.crm__opportunity`],
  });
});
