import { expect } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import { type Bench, recorded, tapOf } from './bench.ts';
import type { SourceStep } from './source-script.ts';

const SINGER_TYPES = { id: 'integer', name: 'string', amount: 'number', updated_at: 'date-time' };
const GOOD: SourceStep[] = [
  { do: 'rows', stream: 'deals', from: 1, to: 3 },
  { do: 'state', stream: 'deals', at: 3 },
];
const REFUSING: SourceStep[] = [{ do: 'refuse', message: 'no such account' }];

/** What a runner answers about a source without moving a row. */
export const askingPromises = {
  async 'a check of a source that answers is good, and stages nothing'(bench: Bench) {
    const { check, staged } = await asking(bench, GOOD);
    expect(await check()).toEqual({ ok: true });
    expect(await staged()).toEqual([]);
  },

  async 'a check of a source that refuses says what the source said'(bench: Bench) {
    const { check } = await asking(bench, REFUSING);
    expect(await check()).toMatchObject({
      ok: false,
      errorCode: expect.any(String),
      message: expect.stringContaining('no such account'),
    });
  },

  async 'a discovery lists every stream with its keys and the types of its fields'(bench: Bench) {
    const { discover, staged } = await asking(bench, GOOD);
    const outcome = await discover();
    const streams = outcome.ok ? outcome.streams : [];
    const common = { keyProperties: ['id'], fields: bench.subject.fields ?? SINGER_TYPES };
    expect(streams.toSorted((a, b) => a.stream.localeCompare(b.stream))).toMatchObject([
      { ...common, stream: 'deals' },
      { ...common, stream: 'people' },
    ]);
    expect(await staged()).toEqual([]);
  },

  async 'a discovery of a source that refuses says what the source said'(bench: Bench) {
    const { discover } = await asking(bench, REFUSING);
    expect(await discover()).toMatchObject({
      ok: false,
      message: expect.stringContaining('no such account'),
    });
  },

  async 'a tap it does not know is refused with the names that are near'({ runner, subject }: Bench) {
    const misspelt = `${subject.tapName.slice(0, -1)}`;
    const refusal = refusalOf(() => runner.assertTap(misspelt, null));
    expect(refusal).toMatchObject({ code: 'connector.tap_unknown' });
    expect(refusal.message).toContain(misspelt);
    expect(refusal.message).toContain(`${subject.tapName}`);
    runner.assertTap(subject.tapName, subject.tapVersion ?? null);
  },
};

async function asking(bench: Bench, steps: SourceStep[]) {
  const connector = await bench.connector();
  const tap = tapOf(await bench.newRun(connector, steps));
  const signal = new AbortController().signal;
  const { sql } = bench.deps.database;
  return {
    check: () => bench.runner.check(tap, recorded([]), signal),
    discover: () => bench.runner.discover(tap, recorded([]), signal),
    staged: () =>
      sql`select table_name from information_schema.tables where table_schema = ${connector.stagingSchema}`.then(
        (rows) => rows.map(({ table_name }) => table_name as string),
      ),
  };
}

function refusalOf(work: () => void): InvalidError {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
