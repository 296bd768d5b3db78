import { expect } from 'vitest';
import type { Bench } from './bench.ts';
import { rowsOf, type SourceStep } from './source-script.ts';
import { stagedRows } from './staged.ts';

const HALF: SourceStep[] = [
  { do: 'rows', stream: 'deals', from: 1, to: 50 },
  { do: 'state', stream: 'deals', at: 50 },
  { do: 'rows', stream: 'deals', from: 51, to: 60 },
];
const WHOLE: SourceStep[] = [
  { do: 'rows', stream: 'deals', from: 1, to: 100 },
  { do: 'state', stream: 'deals', at: 100 },
];
const FIRE: SourceStep = { do: 'fail', message: 'the source is on fire' };

/** What becomes of a run whose source fails. */
export const failingPromises = {
  async 'a source that refuses its config is a failed run that says why'(bench: Bench) {
    const refusing: SourceStep[] = [{ do: 'refuse', message: 'no such account' }];
    const { outcome } = await bench.execute(await bench.newRun(await bench.connector(), refusing));
    expect(outcome).toMatchObject({ status: 'failed', rowsWritten: 0, state: null });
    expect(outcome).toMatchObject({ errorMsg: expect.stringContaining('no such account') });
  },

  async 'a source that fails before any row is a failed run with its last words, and no state'(bench: Bench) {
    const { outcome } = await bench.execute(await bench.newRun(await bench.connector(), [FIRE]));
    expect(outcome).toMatchObject({
      status: 'failed',
      rowsWritten: 0,
      state: null,
      errorCode: expect.stringMatching(bench.subject.codes?.failed ?? /^tap\.failed$/),
      errorMsg: expect.stringContaining('the source is on fire'),
    });
  },

  async 'a source that fails after a durable state is a partial run: rows and state before it are kept'(
    bench: Bench,
  ) {
    const spec = await bench.newRun(await bench.connector(), [...HALF, FIRE]);
    const { outcome } = await bench.execute(spec);
    expect(outcome).toMatchObject({
      status: 'partial',
      state: expect.any(String),
      errorMsg: expect.stringContaining('the source is on fire'),
    });
    expect((await stagedRows(bench, spec, 'deals')).slice(0, 50)).toEqual(rowsOf('deals', 1, 50));
  },

  async 'after a partial run the next one goes on where it stopped'(bench: Bench) {
    const connector = await bench.connector();
    const broken = await bench.execute(await bench.newRun(connector, [...HALF, FIRE]));
    const spec = await bench.newRun(connector, WHOLE, broken.outcome.state);
    expect((await bench.execute(spec)).outcome).toMatchObject({ status: 'completed', rowsWritten: 50 });
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 100));
  },

  async 'a source that crashes in the middle and runs again leaves the table it would have left at once'(
    bench: Bench,
  ) {
    const connector = await bench.connector();
    const crashed = await bench.execute(await bench.newRun(connector, [...HALF, { do: 'crash' }]));
    expect(['partial', 'failed']).toContain(crashed.outcome.status);
    const spec = await bench.newRun(connector, WHOLE, crashed.outcome.state);
    expect((await bench.execute(spec)).outcome.status).toBe('completed');
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 100));
  },

  async 'a crash before any state is a failed run; the same run again brings every row once'(bench: Bench) {
    const connector = await bench.connector();
    const early: SourceStep[] = [{ do: 'rows', stream: 'deals', from: 1, to: 50 }, { do: 'crash' }];
    const { outcome } = await bench.execute(await bench.newRun(connector, early));
    expect(outcome).toMatchObject({ status: 'failed', state: null });
    const spec = await bench.newRun(connector, WHOLE);
    expect((await bench.execute(spec)).outcome).toMatchObject({ status: 'completed', rowsWritten: 100 });
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 100));
  },
};
