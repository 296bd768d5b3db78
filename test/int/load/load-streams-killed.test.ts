import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, NAMESPACE, TENANT } from './fixtures.ts';
import type { WorkerTask } from './load-worker.ts';
import { useLoading } from './loading.ts';

/** The long round says more. */
const TRIALS = Number(process.env['IVORY_TRIALS'] ?? 6);
const WORKER = fileURLToPath(new URL('./load-worker.ts', import.meta.url));
/** Of a size that takes several messages. */
const ROWS = 1_000;
const FILLER = 1_500;

describe('loading a run in a worker that is killed', () => {
  const loading = useLoading();

  async function stagedRun(at: string) {
    const input = await loading.run();
    await loading.deps.database.sql.unsafe(`insert into ${at} (id, line, _ivory_load_id)
      select n, ${input.loadId}::text || repeat('x', ${FILLER}), ${input.loadId} from generate_series(1, ${ROWS}) n
      ${at.includes('keyed') ? 'on conflict (id) do update set line = excluded.line, _ivory_load_id = excluded._ivory_load_id' : ''}`);
    return input;
  }

  /** Messages it sent; null: it was killed. */
  async function work(
    input: { runId: string; loadId: number },
    killedAfter: number | null,
  ): Promise<number | null> {
    const { runId, loadId } = input;
    const { connector, deps } = loading;
    const task: WorkerTask = {
      databaseUrl: deps.databaseUrl,
      connector,
      runId,
      loadId,
      insideFromRows: 1,
      killedAfter,
    };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [WORKER, JSON.stringify(task)], {
        env: {},
      });
      return Number(stdout);
    } catch (error) {
      expect(error).toMatchObject({ signal: 'SIGKILL' });
      return null;
    }
  }

  /** Rows by what run wrote them last, as a reader sees them. */
  async function seen(): Promise<string> {
    const statement = `select load, count(*) from
      (select split_part(line, 'x', 1)::bigint as load from "${loading.destination}") as rows group by 1 order by 1`;
    const limits = { maxRows: 10_000, timeoutMs: 60_000 };
    const { rows } = await loading.deps.lakehouse.query(TENANT, NAMESPACE, statement, limits);
    return rows.map(([run, count]) => `${run}:${count}`).join(' ');
  }

  test.each([
    ['appends', 'lines', undefined],
    ['merges', 'keyed', 'id'],
    ['appends inside the database', 'lines_inside', undefined],
    ['merges inside the database', 'keyed_inside', 'id'],
  ])(
    'that %s, at any message it sends to Postgres: a reader sees none of the run or all of it, and another worker makes it whole',
    async (_, table, key) => {
      const at = await createStaged(loading.deps.database.sql, loading.connector, table, {
        fields: 'id bigint, line text',
        ...(key && { key }),
      });
      // only rows of Ivory's own loader stay inside
      if (table.endsWith('inside'))
        await loading.deps.database.sql.unsafe(`comment on table ${at} is 'Singer stream ${table}'`);
      const clean = await stagedRun(at);
      const messages = await work(clean, null);
      const loads = [clean.loadId];
      let killed = 0;
      for (let trial = 0; trial < TRIALS / 2; trial++) {
        const before = await seen();
        const input = await stagedRun(at);
        if (key) loads.length = 0;
        loads.push(input.loadId);
        const whole = loads.map((load) => `${load}:${ROWS}`).join(' ');
        const share = trial === 0 ? 0.5 : Math.random();
        if ((await work(input, 1 + Math.floor(share * (messages ?? 0)))) === null) killed += 1;
        expect([before, whole]).toContain(await seen());
        expect(await loadStreams(loading.ctx, input)).toMatchObject([
          { read: ROWS, loaded: ROWS, rejected: 0 },
        ]);
        expect(await seen()).toBe(whole);
      }
      expect(killed).toBeGreaterThan(0);
    },
    3_600_000,
  );
});
