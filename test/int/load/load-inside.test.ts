import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { Ctx } from '../../../src/context.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import { type LoadStreamsInput, loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, mapField } from './fixtures.ts';
import { useLoading } from './loading.ts';

/** The long round says more. */
const TRIALS = Number(process.env['IVORY_TRIALS'] ?? 6);

const FIELDS = {
  id: 'bigint',
  name: 'text',
  amount: 'numeric(12,2)',
  at: 'timestamptz',
  local: 'timestamp',
  day: 'date',
  ok: 'boolean',
  ratio: 'double precision',
  part: 'real',
  tags: 'text[]',
  body: 'jsonb',
  raw: 'bytea',
  code: 'uuid',
  small: 'smallint',
  number: 'numeric',
  short: 'character varying(40)',
};
type Field = keyof typeof FIELDS;
type Row = Record<Field, string | null>;

const hostile = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '\\N',
      '\\.',
      'a\tb\nc\\d',
      "'; drop table x; --",
      '"',
      '\r\n',
      'NULL',
      '\u{1f600}',
      ' ',
    ),
  )
  .map((text) => text.replaceAll('\0', '').toWellFormed().slice(0, 30));
const some = (...values: (string | null)[]) => fc.constantFrom(null, ...values);
const row: fc.Arbitrary<Omit<Row, 'id'>> = fc.record({
  name: fc.oneof(fc.constant(null), hostile),
  amount: some('1.50', '-0.01', '9999999999.99', '0'),
  at: some(
    '2024-05-01 10:00:00.5+02',
    '1969-12-31 23:59:59+00',
    '0001-01-01 00:00:00+00',
    '9999-12-31 23:59:59+00',
  ),
  local: some('2024-02-29 12:00:00.123456', '1900-01-01'),
  day: some('2024-02-29', '0001-01-01', '9999-12-31'),
  ok: some('t', 'f'),
  ratio: some('0.1', '-0', '1e300', 'NaN', 'Infinity', '5e-324'),
  part: some('0.1', '3.4e38', '-0'),
  tags: some('{}', '{a,NULL}', '{"a,b","\\"q\\""}'),
  body: some('{"b": [1, 2.50]}', 'null', '"x"', '[]'),
  raw: some('\\x00ff', '\\x'),
  code: some('2ed6657d-e927-568b-95e1-2665a8aea6a2'),
  small: some('-5', '32767', '0'),
  number: some('18446744073709551615', '0.5', '1.50'),
  short: fc.oneof(fc.constant(null), hostile),
});
/** What some loads bring, and no row that has it can come without being looked at. */
const odd = fc.constantFrom<Partial<Row>>(
  { at: 'infinity' },
  { day: '0044-03-15 BC' },
  { amount: 'NaN' },
  { name: 'no number' },
  { local: '20000-01-01' },
);
const rows = fc
  .tuple(fc.array(row, { minLength: 1, maxLength: 25 }), fc.array(odd, { maxLength: 1 }), fc.boolean())
  .map(([plain, odds, useOdds]) =>
    [...plain, ...(useOdds ? odds.map((changes) => ({ ...plain[0], ...changes })) : [])].map(
      (each, n) => ({ ...each, id: String(n + 1) }) as Row,
    ),
  );

const NOTHING = { ...Object.fromEntries(Object.keys(FIELDS).map((name) => [name, null])), id: '1' } as Row;
const ODD: Partial<Row> = { at: 'infinity', local: '20000-01-01' };

const MAPPED: [Field, string, string | null][] = [
  ['id', 'long', null],
  ['name', 'string', 'v.upper() if v else None'],
  ['amount', 'decimal(38,9)', null],
  ['at', 'timestamptz', null],
  ['day', 'timestamp', null],
  ['ok', 'string', null],
  ['ratio', 'string', null],
  ['part', 'double', null],
  ['tags', 'json', null],
  ['body', 'string', 'str(v)'],
  ['small', 'decimal(10,2)', null],
  ['short', 'string', "v[::-1] + '\\t' if v else None"],
  ['code', 'string', null],
];
const STRICT: [Field, string, string | null][] = [
  ['id', 'long', null],
  ['name', 'long', 'len(v) if v else 1 / len(v or [1])'],
  ['number', 'double', null],
  ['raw', 'binary', null],
  ['local', 'timestamp', null],
];

describe('rows that stay inside the database', () => {
  const loading = useLoading();
  let beside: Lakehouse;
  let tables = 0;
  let inside = 0;
  let carried = 0;

  beforeAll(() => {
    beside = createPostgresLakehouse({ url: loading.deps.databaseUrl, besideControlPlane: true });
  });
  afterAll(() => beside.close());

  /** A lakehouse beside staging that counts what came from inside, and the same without that way. */
  function ctxOf(way: 'inside' | 'carried'): Ctx {
    const openBatch: typeof beside.openBatch = async (spec) => {
      const batch = await beside.openBatch(spec);
      const own = batch.inside;
      if (way === 'carried' || !own) return { ...batch, inside: undefined as never };
      const take: typeof own.take = async (select, expected) => {
        const taken = await own.take(select, expected);
        inside += Number(taken);
        return taken;
      };
      return { ...batch, inside: { ...own, take } };
    };
    return { ...loading.ctx, lakehouse: { ...beside, openBatch } };
  }

  async function stage(all: readonly Row[], { key }: { key: boolean }) {
    tables += 1;
    const table = `things_${tables}`;
    const { deps, connector } = loading;
    const fields = Object.entries(FIELDS).map(([name, type]) => `${name} ${type}`);
    const at = await createStaged(deps.database.sql, connector, table, {
      fields: fields.join(', '),
      ...(key && { key: 'id' }),
    });
    await deps.database.sql.unsafe(`comment on table ${at} is 'Singer stream ${table}'`);
    for (const each of all) {
      const names = Object.keys(FIELDS) as Field[];
      const places = names.map((name, n) => `$${n + 1}::text::${FIELDS[name]}`);
      await deps.database.sql.unsafe(
        `insert into ${at} (${names.join(', ')}) values (${places.join(', ')})`,
        names.map((name) => each[name]),
      );
    }
    return { table, at };
  }

  /** Loads what is staged as one run: the same rows again and again, whichever way they take. */
  async function load(way: 'inside' | 'carried', { table, at }: { table: string; at: string }) {
    const { deps } = loading;
    const input: LoadStreamsInput = await loading.run({ insideFromRows: 1 });
    await deps.database.sql.unsafe(`update ${at} set _ivory_load_id = ${input.loadId}`);
    const [stats] = await loadStreams(ctxOf(way), { ...input, streams: [table] });
    const rejected = await deps.database.sql`select row_key, row::text, column_name, expression, error
      from etl.rejected_rows where run_id = ${input.runId} order by row_key, column_name`;
    const { read, loaded, rejected: refused, skipped } = stats ?? {};
    return { counts: { read, loaded, refused, skipped }, rejected: [...rejected] };
  }

  async function outcome(way: 'inside' | 'carried', staged: { table: string; at: string }, twice: boolean) {
    const { connector, deps, destination } = loading;
    await deps.database.sql.unsafe(`drop table if exists ${connector.namespace}."${destination}"`);
    const results = [await load(way, staged)];
    if (twice) results.push(await load(way, staged));
    const rows = await deps.database.sql.unsafe(
      `select lake::text as row from ${connector.namespace}."${destination}" as lake order by 1`,
    );
    return { results, rows: rows.map((each) => each['row']) };
  }

  async function map(table: string, columns: readonly [Field, string, string | null][]) {
    for (const [sourceField, targetType, transformFn] of columns)
      await mapField(loading.deps, loading.connector, {
        sourceStream: table,
        targetTable: loading.destination,
        sourceField,
        targetColumn: sourceField,
        targetType,
        transformFn,
      });
  }

  test.each([
    ['passing through, by key', [], { key: true, twice: false }],
    ['passing through, by key, over rows that are there', [], { key: true, twice: true }],
    ['mapped, without a key', MAPPED, { key: false, twice: false }],
    ['mapped, by key', MAPPED, { key: true, twice: true }],
    ['mapped so that some fail', STRICT, { key: true, twice: false }],
  ] as const)(
    'end as those that are carried: %s',
    async (_how, columns, { key, twice }) => {
      inside = 0;
      carried = 0;
      await fc.assert(
        fc.asyncProperty(rows, async (all) => {
          const staged = await stage(all, { key });
          await map(staged.table, columns);
          const before = inside;
          const one = await outcome('inside', staged, twice);
          carried += Number(inside === before);
          expect(one).toEqual(await outcome('carried', staged, twice));
          await loading.deps.database.sql.unsafe(`drop table ${staged.at}`);
          await loading.deps.database
            .sql`delete from etl.field_mappings where source_stream = ${staged.table}`;
        }),
        { numRuns: TRIALS, examples: [[[NOTHING]], [[{ ...NOTHING, ...ODD }]]] },
      );
      expect(inside).toBeGreaterThan(0);
      expect(carried).toBeGreaterThan(0);
    },
    600_000,
  );

  test('a row deleted at the source is removed as ever', async () => {
    const staged = await stage([NOTHING, { ...NOTHING, id: '2' }], { key: true });
    inside = 0;
    await load('inside', staged);
    expect(inside).toBe(1);
    await loading.deps.database.sql.unsafe(`update ${staged.at} set _sdc_deleted_at = now() where id = 2`);
    expect((await load('inside', staged)).counts).toMatchObject({ read: 2, loaded: 2 });
    expect(inside).toBe(1);
    expect(await loading.lakeRows(loading.destination, 'id')).toEqual([[1n]]);
  });

  test.each([
    ['is no more right as it stands', "at = 'infinity'", { read: 2, loaded: 1, refused: 1 }],
    ['has a text nobody has worked out', "name = 'new'", { read: 2, loaded: 2, refused: 0 }],
  ])('a row that %s when it is taken is seen, and all are carried', async (_what, change, counts) => {
    const staged = await stage([NOTHING, { ...NOTHING, id: '2' }], { key: true });
    await map(staged.table, MAPPED);
    const taken: boolean[] = [];
    const openBatch: typeof beside.openBatch = async (spec) => {
      const batch = await beside.openBatch(spec);
      const own = batch.inside;
      if (!own) throw new Error('there is no way inside');
      const take: typeof own.take = async (select, expected) => {
        await loading.deps.database.sql.unsafe(`update ${staged.at} set ${change} where id = 2`);
        taken.push(await own.take(select, expected));
        return taken.includes(true);
      };
      return { ...batch, inside: { ...own, take } };
    };
    const input = await loading.run({ insideFromRows: 1 });
    await loading.deps.database.sql.unsafe(`update ${staged.at} set _ivory_load_id = ${input.loadId}`);
    const ctx = { ...loading.ctx, lakehouse: { ...beside, openBatch } };
    const [stats] = await loadStreams(ctx, { ...input, streams: [staged.table] });
    expect(taken).toEqual([false]);
    const { read, loaded, rejected: refused } = stats ?? {};
    expect({ read, loaded, refused }).toEqual(counts);
    expect(await loading.lakeRows(loading.destination, 'id')).toHaveLength(counts.loaded);
  });

  test('a run that is stopped meanwhile publishes nothing', async () => {
    const staged = await stage([NOTHING], { key: true });
    const stop = new AbortController();
    const openBatch: typeof beside.openBatch = async (spec) => {
      const batch = await beside.openBatch(spec);
      const own = batch.inside;
      if (!own) throw new Error('there is no way inside');
      const take: typeof own.take = async (select, expected) => {
        const taken = await own.take(select, expected);
        stop.abort(new Error('stopped'));
        return taken;
      };
      return { ...batch, inside: { ...own, take } };
    };
    const input = await loading.run({ insideFromRows: 1, signal: stop.signal });
    await loading.deps.database.sql.unsafe(`update ${staged.at} set _ivory_load_id = ${input.loadId}`);
    const ctx = { ...loading.ctx, lakehouse: { ...beside, openBatch } };
    await expect(loadStreams(ctx, { ...input, streams: [staged.table] })).rejects.toThrow('stopped');
    expect(await loading.lakeRows(loading.destination, 'id')).toEqual([]);
  });
});
