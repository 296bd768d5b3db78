import { expect } from 'vitest';
import { until } from '../until.ts';
import type { Bench, ExecuteOptions } from './bench.ts';
import { processesOf } from './left-behind.ts';
import { rowsOf, type SourceStep } from './source-script.ts';
import { stagedRows } from './staged.ts';

const STANDING_STILL = { do: 'say', text: 'the source stands still' } as const;
const STUCK: SourceStep[] = [
  { do: 'rows', stream: 'deals', from: 1, to: 50 },
  { do: 'state', stream: 'deals', at: 50 },
  STANDING_STILL,
  { do: 'hang', stubborn: true },
];
const WHOLE: SourceStep[] = [
  { do: 'rows', stream: 'deals', from: 1, to: 50 },
  { do: 'state', stream: 'deals', at: 50 },
];

/** How a run ends that must not go on. */
export const stoppingPromises = {
  async 'a run told to stop settles with no process left and writes nothing more'(bench: Bench) {
    const connector = await bench.connector();
    const spec = await bench.newRun(connector, STUCK);
    const stop = new AbortController();
    const { hung, log } = watch(bench);
    const settled = Promise.allSettled([bench.execute(spec, { signal: stop.signal, log })]);
    await Promise.race([hung(), settled]);
    stop.abort(new Error('enough'));
    await settled;
    expect(await processesOf(bench.root)).toEqual([]);
    await noSession(bench, spec.stagingSession);
    expect([0, 50]).toContain((await stagedRows(bench, spec, 'deals')).length);
    const again = await bench.execute(await bench.newRun(connector, WHOLE));
    expect(again.outcome).toMatchObject({ status: 'completed', rowsWritten: 50 });
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 50));
  },

  async 'a run told to stop before it began starts nothing'(bench: Bench) {
    const spec = await bench.newRun(await bench.connector(), WHOLE);
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(bench.execute(spec, { signal })).rejects.toThrow('too late');
    expect(await stagedRows(bench, spec, 'deals')).toEqual([]);
  },

  async 'a source that falls silent is ended after the idle timeout, and the run says so'(bench: Bench) {
    const { silenceMs = 1_500, codes } = bench.subject;
    const impatient = await bench.impatient(silenceMs);
    try {
      const spec = await impatient.newRun(await bench.connector(), [{ do: 'hang', stubborn: true }]);
      const { outcome } = await impatient.execute(spec);
      expect(outcome).toMatchObject({
        status: 'failed',
        state: null,
        errorCode: expect.stringMatching(codes?.silent ?? /^tap\.killed$/),
        errorMsg: expect.stringContaining(`${silenceMs / 1000} s`),
      });
    } finally {
      await impatient.close();
    }
  },

  async 'a worker that lost its run writes no row of it and says that it lost it'(bench: Bench) {
    const spec = await bench.newRun(await bench.connector(), WHOLE);
    await bench.deps.database.sql`update etl.runner_jobs set fence = fence + 1 where id = ${spec.runId}`;
    await expect(bench.execute(spec)).rejects.toMatchObject({ code: 'run.lease_lost' });
    expect(await stagedRows(bench, spec, 'deals')).toEqual([]);
    await noSession(bench, spec.stagingSession);
  },
};

/** Says so, then does nothing any more. */
export const HANGING: SourceStep[] = [STANDING_STILL, { do: 'hang' }];

/** Hears when the source stands still; to be made before the run is started. */
export function watch({ hanging }: Bench): Required<Pick<ExecuteOptions, 'log'>> & { hung(): Promise<void> } {
  const heard = Promise.withResolvers<void>();
  return {
    hung: hanging ?? (() => heard.promise),
    log(line) {
      if (line.includes(STANDING_STILL.text)) heard.resolve();
    },
  };
}

/** Postgres ends what a dead client asked for a moment later. */
async function noSession({ deps }: Bench, name: string): Promise<void> {
  await until(`no session is called ${name}`, async () => {
    const open = await deps.database.sql`select 1 from pg_stat_activity where application_name = ${name}`;
    return open.length === 0;
  });
}
