import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { Ctx } from '../../../src/context.ts';
import { leaseProof } from '../../../src/db/queries/run-claims.ts';
import { LostLeaseError } from '../../../src/errors.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, TENANT } from './fixtures.ts';
import { FIELDS, useLoading } from './loading.ts';

describe('a load that is taken over at its very end', () => {
  const loading = useLoading();
  const { run, lakeRows, stage } = loading;
  let beside: Ctx;

  beforeAll(() => {
    const lakehouse = createPostgresLakehouse({ url: loading.deps.databaseUrl, besideControlPlane: true });
    beside = { ...loading.ctx, lakehouse };
  });
  afterAll(() => beside.lakehouse.close());

  /** The worker asks whether the run is still its own; the answer to the last time it asks is true, and then no longer. */
  async function takenOverAtTheEnd() {
    const { sql } = loading.deps.database;
    const input = await run();
    const { text, parameters } = leaseProof({ tenantId: TENANT, runId: input.runId, fence: 0 });
    let asked = 0;
    return {
      ...input,
      guard: async () => {
        asked += 1;
        if (asked === 2) await sql`update etl.runner_jobs set fence = fence + 1 where id = ${input.runId}`;
      },
      guardCommit: async (query: (text: string, parameters: unknown[]) => Promise<readonly unknown[]>) => {
        if ((await query(text, parameters)).length === 0) throw new LostLeaseError(input.runId);
      },
    };
  }

  test.each(['first', 'merged'])(
    'publishes nothing in the database of the control plane (%s)',
    async (kind) => {
      const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
      const first = await run();
      await stage(at, 1, 1, first.loadId);
      if (kind === 'merged') await loadStreams(beside, first);
      const rows = await lakeRowsOrNone();
      const frozen = await takenOverAtTheEnd();
      await stage(at, 1, 10, frozen.loadId);
      await expect(loadStreams(beside, frozen)).rejects.toBeInstanceOf(LostLeaseError);
      expect(await lakeRowsOrNone()).toEqual(rows);
      const { guard: _, guardCommit: _no, ...input } = frozen;
      expect(await loadStreams(beside, { ...input, guard: async () => {} })).toMatchObject([{ loaded: 10 }]);
      expect(await lakeRows(loading.destination, 'count(*)')).toEqual([[10n]]);
    },
  );

  async function lakeRowsOrNone() {
    const table = await beside.lakehouse.describeTable(loading.connector.namespace, loading.destination);
    return table ? lakeRows(loading.destination) : [];
  }
});
