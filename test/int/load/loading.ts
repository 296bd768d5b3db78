import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { type Ctx, contextFor } from '../../../src/context.ts';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { LoadStreamsInput } from '../../../src/services/runs/load-streams.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import {
  type Connector,
  DESTINATION,
  mapField,
  NAMESPACE,
  registerConnector,
  startRun,
  TENANT,
} from './fixtures.ts';

export const FIELDS = { fields: 'id bigint, name text, amount text', key: 'id' };

interface Made {
  deps: TestDeps;
  ctx: Ctx;
}

/** A database, a lakehouse and an engine for one test file; a connector with a destination table of its own for each test. */
export function useLoading() {
  let made: Made | null = null;
  let connector: Connector | null = null;
  let connectors = 0;

  beforeAll(async () => {
    const deps = await createTestDeps({ expressions: createExpressionEngine() });
    deps.lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
    made = { deps, ctx: contextFor(deps, { tenantId: TENANT, actor: 'worker:transform' }) };
  });
  afterAll(async () => {
    await made?.deps.expressions.close();
    await made?.deps.lakehouse.close();
    await made?.deps.close();
  });
  beforeEach(async () => {
    connectors += 1;
    connector = await registerConnector(ready(made).deps, {
      destinationTable: `${DESTINATION}_${connectors}`,
    });
  });

  return {
    get deps() {
      return ready(made).deps;
    },
    get ctx() {
      return ready(made).ctx;
    },
    get connector() {
      return ready(connector);
    },
    get destination() {
      return ready(connector).destinationTable;
    },
    /** The input of a new run of the connector. */
    async run(changes: Partial<LoadStreamsInput> = {}): Promise<LoadStreamsInput> {
      const started = await startRun(ready(made).deps, ready(connector));
      const signal = new AbortController().signal;
      return {
        ...started,
        connector: ready(connector),
        streams: [],
        guard: async () => {},
        signal,
        ...changes,
      };
    },
    async lakeRows(table: string, columns = '*', orderBy = '1'): Promise<LakeValue[][]> {
      const limits = { maxRows: 10_000, timeoutMs: 10_000 };
      const statement = `select ${columns} from "${table}" order by ${orderBy}`;
      return (await ready(made).deps.lakehouse.query(TENANT, NAMESPACE, statement, limits)).rows;
    },
    /** Rows from..to of a load: the amount of every tenth is no number. */
    async stage(at: string, from: number, to: number, loadId: number): Promise<void> {
      await ready(made).deps.database.sql.unsafe(`insert into ${at} (id, name, amount, _ivory_load_id)
        select n, ' deal ' || n, case when n % 10 = 0 then 'many' else (n * 100)::text end, ${loadId}
        from generate_series(${from}, ${to}) n
        on conflict (id) do update set name = excluded.name, amount = excluded.amount, _ivory_load_id = excluded._ivory_load_id`);
    },
    async mapDeals(): Promise<void> {
      const map = (field: Parameters<typeof mapField>[2]) =>
        mapField(ready(made).deps, ready(connector), field);
      await map({ sourceField: 'id', targetColumn: 'deal_id', targetType: 'long', isKey: true });
      await map({
        sourceField: 'name',
        targetColumn: 'title',
        transformFn: 'v.strip().upper() if v else None',
      });
      const transformFn = 'float(v)/100 if v else 0.0';
      await map({ sourceField: 'amount', targetColumn: 'usd', targetType: 'double', transformFn });
    },
  };
}

function ready<Value>(value: Value | null): Value {
  if (value === null) throw new Error('asked for before the test began');
  return value;
}
