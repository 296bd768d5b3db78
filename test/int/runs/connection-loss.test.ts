import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectorRow, insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

type Tx = Parameters<Parameters<TestDeps['database']['db']['transaction']>[0]>[0];

async function pidOf(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  return rows[0]?.pid ?? 0;
}

const kill = (pid: number) => deps.database.sql`select pg_terminate_backend(${pid})`;

test.each(['between two queries', 'under a query'])(
  'a connection that dies %s ends its transaction, not the process',
  async (when) => {
    for (let i = 0; i < 20; i++) {
      const dying = deps.database.db.transaction(async (tx) => {
        const pid = await pidOf(tx);
        const waiting = when === 'under a query' ? tx.execute(sql`select pg_sleep(5)`) : null;
        await Promise.all([waiting, kill(pid)]);
        await tx.execute(sql`select 1`);
      });
      await expect(dying).rejects.toThrow();
      expect((await deps.database.db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
    }
  },
);

test('what a dead transaction had written is gone, and nothing of it ends up in the next one', async () => {
  const connector = await insertConnector(deps);
  const dying = deps.database.db.transaction(async (tx) => {
    await tx.execute(sql`update etl.meltano_connectors set rows_total = 7 where id = ${connector.id}`);
    await kill(await pidOf(tx));
    await tx.execute(sql`update etl.meltano_connectors set rows_total = 8 where id = ${connector.id}`);
  });
  await expect(dying).rejects.toThrow();
  await deps.database.db.transaction((tx) => tx.execute(sql`select 1`));
  expect((await connectorRow(deps, connector.id)).rowsTotal).toBe(0);
});
