import { expect } from 'vitest';
import type { StatsByStream } from '../../../src/domain/stats.ts';
import type { Bench } from './bench.ts';
import { rowsOf, type SourceStep } from './source-script.ts';
import { loadIdsOf, stagedRows } from './staged.ts';

const ALL: SourceStep[] = [
  { do: 'tell-state' },
  { do: 'rows', stream: 'deals', from: 1, to: 50 },
  { do: 'state', stream: 'deals', at: 50 },
  { do: 'rows', stream: 'people', from: 1, to: 20 },
  { do: 'state', stream: 'people', at: 20 },
];

/** What comes from the source, and the state that says how far. */
export const movingPromises = {
  async 'a completed run has every row of its streams in staging, counted per stream, and a state'(
    bench: Bench,
  ) {
    const spec = await bench.newRun(await bench.connector(), ALL);
    const { outcome } = await bench.execute(spec);
    expect(outcome).toMatchObject({ status: 'completed', rowsWritten: 70, state: expect.any(String) });
    expect(rowsIn(outcome.streams)).toEqual({ deals: 50, people: 20 });
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 50));
    expect(await stagedRows(bench, spec, 'people')).toEqual(rowsOf('people', 1, 20));
    expect([[spec.loadId], null]).toContainEqual(await loadIdsOf(bench, spec, 'deals'));
  },

  async 'progress is told while rows become durable, and ends with the counts of the outcome'(bench: Bench) {
    const { outcome, progress } = await bench.execute(await bench.newRun(await bench.connector(), ALL));
    expect(progress.at(-1)).toEqual(outcome.streams);
  },

  async 'a source that has nothing is a completed run of no rows that makes no state up'(bench: Bench) {
    const { outcome } = await bench.execute(await bench.newRun(await bench.connector(), []));
    expect(outcome).toMatchObject({ status: 'completed', rowsWritten: 0, state: null });
    expect(rowsIn(outcome.streams)).toEqual({});
  },

  async 'a state given back goes to the source as it was said, and only what is new is moved'(bench: Bench) {
    const connector = await bench.connector();
    const first = await bench.execute(await bench.newRun(connector, ALL));
    expect(first.lines.join('\n')).toContain('state {}');
    const more: SourceStep[] = [
      { do: 'tell-state' },
      { do: 'rows', stream: 'deals', from: 1, to: 60 },
      { do: 'state', stream: 'deals', at: 60 },
    ];
    const spec = await bench.newRun(connector, more, first.outcome.state);
    const second = await bench.execute(spec);
    expect(second.lines.join('\n')).toContain('state {"deals":50,"people":20}');
    expect(second.outcome).toMatchObject({ status: 'completed', rowsWritten: 10 });
    expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', 1, 60));
    const third = await bench.execute(await bench.newRun(connector, ALL.slice(0, 1), second.outcome.state));
    expect(third.lines.join('\n')).toContain('state {"deals":60,"people":20}');
  },

  async 'a run without a state starts from the beginning, whatever earlier runs of the connector left'(
    bench: Bench,
  ) {
    const connector = await bench.connector();
    await bench.execute(await bench.newRun(connector, ALL));
    const again = await bench.execute(await bench.newRun(connector, ALL, null));
    expect(again.lines.join('\n')).toContain('state {}');
    expect(again.outcome).toMatchObject({ status: 'completed', rowsWritten: 70 });
  },

  async 'two runs at once, of two tenants, see nothing of each other'(bench: Bench) {
    const specs = await Promise.all([
      bench.newRun(await bench.connector('acme'), rowsFrom(1)),
      bench.newRun(await bench.connector('rival'), rowsFrom(1_001)),
    ]);
    const runs = await Promise.all(specs.map((spec) => bench.execute(spec)));
    for (const [at, from] of [1, 1_001].entries()) {
      const [spec, run] = [specs[at], runs[at]];
      if (!spec || !run) throw new Error('two runs were made');
      expect(run.outcome).toMatchObject({ status: 'completed', rowsWritten: 50 });
      expect(await stagedRows(bench, spec, 'deals')).toEqual(rowsOf('deals', from, from + 49));
    }
    const [mine, theirs] = runs.map(({ lines }) => lines.join('\n'));
    expect(mine).not.toContain('from 1001');
    expect(theirs).not.toContain('from 1 ');
  },
};

function rowsFrom(from: number): SourceStep[] {
  return [
    { do: 'say', text: `from ${from} on` },
    { do: 'rows', stream: 'deals', from, to: from + 49 },
    { do: 'state', stream: 'deals', at: from + 49 },
  ];
}

/** Streams that had rows, with their number. */
export function rowsIn(streams: StatsByStream): Record<string, number> {
  return Object.fromEntries(
    Object.entries(streams).flatMap(([stream, { rows }]) => (rows > 0 ? [[stream, rows]] : [])),
  );
}
