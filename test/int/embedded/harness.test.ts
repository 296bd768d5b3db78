import { describe, expect, it } from 'vitest';
import { createTestDeps } from '../../harness/context.ts';
import { createTestDatabase } from '../../harness/database.ts';

describe('the integration harness', () => {
  it('gives every test a migrated database of its own, gone after close', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await first.database.sql`create table only_here (a int)`;
    const [row] = await second.database
      .sql`select to_regclass('only_here') as found, to_regclass('etl.runner_jobs') as migrated`;
    expect(row).toEqual({ found: null, migrated: 'etl.runner_jobs' });
    await first.close();
    const left = await second.database
      .sql`select 1 from pg_database where datname = ${new URL(first.url).pathname.slice(1)}`;
    expect(left).toHaveLength(0);
    await second.close();
  });

  it('records jobs, refuses a wrong payload and names a port that was not given', async () => {
    const deps = await createTestDeps();
    await deps.producer.add('dispatch-due', {}, { jobId: 'nudge' });
    await deps.producer.add('dispatch-due', {}, { jobId: 'nudge' });
    expect(deps.jobs).toEqual([{ name: 'dispatch-due', payload: {}, jobId: 'nudge' }]);
    await expect(
      deps.producer.addMany([{ name: 'load-run', payload: { runId: 'x' }, jobId: 'a' }]),
    ).rejects.toMatchObject({ code: 'queue.payload_invalid' });
    expect(() => deps.lakehouse.capabilities).toThrow('gave no lakehouse');
    await deps.close();
  });
});
