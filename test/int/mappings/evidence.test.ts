import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FieldMapping, findFieldMapping } from '../../../src/db/queries/field-mappings.ts';
import type { ProposeInput } from '../../../src/services/mappings/propose.ts';
import { type MappingPatch, updateMapping } from '../../../src/services/mappings/update.ts';
import type { TestDeps } from '../../harness/context.ts';
import { addConnector, ctxOf, mappingDeps, proposed, workOff } from './fixture.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = workOff(await mappingDeps());
});
afterAll(() => deps.close());

interface Staging {
  /** Column definitions of the staging table, a key among them where there is one. */
  columns: string;
  rows: readonly (readonly (string | null)[])[];
  /** column of the target -> its type; null: the canonical deals */
  target: Record<string, string> | null;
  fields: Record<string, string>;
}

/** A connector whose stream `things` is staged, and the proposals for it. */
async function staged({ columns, rows, target, fields }: Staging) {
  const connectorId = await addConnector(deps);
  const { sql } = deps.database;
  const schema = `etl_staging_${connectorId.slice(0, 8)}`;
  await sql.unsafe(`create schema "${schema}"; create table "${schema}"."things" (${columns})`);
  for (const row of rows) {
    const values = row.map((value) => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`));
    await sql.unsafe(`insert into "${schema}"."things" values (${values.join(', ')})`);
  }
  const request: ProposeInput = {
    connectorId,
    sourceStream: 'things',
    sourceSchema: fields,
    ...(target
      ? { targetSchema: 'custom', targetTable: 'things', targetSchemaDef: target }
      : { targetSchema: 'dm', targetTable: 'deals' }),
  };
  const { mappings } = await proposed(ctxOf(deps), request);
  const byColumn = Object.fromEntries(mappings.map((mapping) => [mapping.targetColumn, mapping]));
  const change = (column: string, patch: MappingPatch): Promise<FieldMapping> =>
    updateMapping(ctxOf(deps), { connectorId, mappingId: byColumn[column]?.id ?? '', patch });
  return { connectorId, mappings: byColumn, change, schema, request };
}

const COUNTED = Array.from({ length: 10 }, (_, n) => String(n + 1));

describe('what a proposal shows for its evidence', () => {
  it('shows three distinct values and what a load makes of them, those that change first', async () => {
    const { mappings } = await staged({
      columns: '"closed" text, "city" text',
      rows: [
        ['28/03/2026', 'Berlin'],
        ['01/04/2026', 'Berlin'],
        [null, ' Rome '],
        ['28/03/2026', 'Oslo'],
        ['02/05/2026', 'Paris'],
        ['03/05/2026', 'Paris'],
      ],
      fields: { closed: 'string', city: 'string' },
      target: { closed: 'date', city: 'string' },
    });
    expect(mappings['closed']?.examples).toEqual([
      { input: '28/03/2026', output: '2026-03-28' },
      { input: '01/04/2026', output: '2026-04-01' },
      { input: '02/05/2026', output: '2026-05-02' },
    ]);
    expect(mappings['city']?.examples).toEqual([
      { input: ' Rome ', output: 'Rome' },
      { input: 'Berlin', output: 'Berlin' },
      { input: 'Oslo', output: 'Oslo' },
    ]);
  });

  it('works with the values that leave staging, whatever their type', async () => {
    const { mappings } = await staged({
      columns:
        '"made" numeric, "closed" timestamp, "amount_cents" numeric, "open" bigint, "wait_ms" double precision, "tags" text[]',
      rows: [['1679090539', '2026-03-28 12:30:00', '1099', '1', '1500.5', '{a,b}']],
      fields: {
        made: 'number',
        closed: 'date-time',
        amount_cents: 'number',
        open: 'integer',
        wait_ms: 'number',
        tags: 'array',
      },
      target: {
        made: 'timestamptz',
        closed: 'date',
        amount: 'decimal(18,2)',
        open: 'boolean',
        wait_seconds: 'double',
        tags: 'json',
      },
    });
    const made = Object.fromEntries(
      Object.entries(mappings).map(([column, { examples }]) => [column, examples[0]?.output]),
    );
    expect(made).toEqual({
      made: '2023-03-17T22:02:19Z',
      closed: '2026-03-28',
      amount: '10.99',
      open: 'true',
      wait_seconds: '1.5005',
      tags: '["a","b"]',
    });
    expect(mappings['closed']).toMatchObject({
      transformFn: 'str(v)[:10] if v else None',
      warnings: ['The time of day is lost: the column holds dates.'],
    });
    expect(mappings['amount']).toMatchObject({
      transformFn: 'float(v)/100 if v else 0.0',
      warnings: ['A missing value (None) becomes 0.00.'],
    });
  });

  it('says how many of how many sample values would be rejected, and why', async () => {
    const { mappings } = await staged({
      columns: '"size" text',
      rows: [...COUNTED.map((n) => [n]), ['huge'], ['1.5']],
      fields: { size: 'string' },
      target: { size: 'int' },
    });
    expect(mappings['size']?.warnings).toEqual([
      '2 of 12 sample values would be rejected: "huge" does not become int: it is not a number',
    ]);
    expect(mappings['size']?.examples).toContainEqual({
      input: 'huge',
      output: null,
      error: '"huge" does not become int: it is not a number',
    });
  });

  it('warns of a key that is null or repeats itself, unless staging has a key that is mapped', async () => {
    const rows = [
      ['a', '1'],
      ['b', '1'],
      ['c', null],
    ];
    const fields = { Id: 'string' };
    const open = await staged({ columns: '"row" text, "Id" text', rows, fields, target: null });
    expect(open.mappings['external_id']?.warnings).toEqual([
      'The column is the key, and 1 of 3 sample values are null in it.',
      'The column is the key, and 1 of 3 sample values repeat another: of rows with one key the last one stays.',
    ]);
    const keyed = await staged({
      columns: '"NextStep" text primary key, "Id" text',
      rows,
      fields: { ...fields, NextStep: 'string' },
      target: null,
    });
    expect(keyed.mappings['next_step']).toBeDefined();
    expect(keyed.mappings['external_id']?.warnings).toEqual([]);
  });

  it('shows nothing of a field without values, and only what the types tell', async () => {
    const { mappings } = await staged({
      columns: '"other" text',
      rows: [],
      fields: {
        price: 'number',
        size: 'integer',
        seen: 'date-time',
        note: 'string',
        rank: 'string',
        made: 'integer',
      },
      target: {
        price: 'decimal(18,2)',
        size: 'int',
        seen: 'date',
        note: 'string',
        rank: 'long',
        made: 'timestamptz',
      },
    });
    const warned = Object.fromEntries(Object.values(mappings).map((m) => [m.targetColumn, m.warnings]));
    for (const { examples } of Object.values(mappings)) expect(examples).toEqual([]);
    expect(warned).toEqual({
      price: [
        'A number with more than 2 digits after the point is rejected, not rounded; there are no samples to check yet.',
      ],
      size: ['A number beyond 2,147,483,647 is rejected: the column is int.'],
      seen: ['The time of day is lost: the column holds dates.'],
      note: [],
      made: ['A number is no timestamptz: without a transform every value is rejected.'],
      rank: ['Text that is no long is rejected; there are no samples to check yet.'],
    });
  });

  it('cuts long values, and leaves out those too long to try', async () => {
    const { mappings } = await staged({
      columns: '"note" text',
      rows: [['x'.repeat(500)], ['y'.repeat(5_000)]],
      fields: { note: 'string' },
      target: { note: 'string' },
    });
    const [example, ...rest] = mappings['note']?.examples ?? [];
    expect(rest).toEqual([]);
    expect([...(example?.input ?? '')]).toHaveLength(80);
    expect(example?.input.endsWith('…')).toBe(true);
  });
});

describe('what an update shows', () => {
  const FACTS: Staging = {
    columns: '"amount" text, "seen" text',
    rows: [
      ['12.5', '2026-03-28T10:00:00Z'],
      ['7', '2026-03-29T11:00:00Z'],
      ['soon', null],
    ],
    fields: { amount: 'string', seen: 'string' },
    target: { amount: 'double', seen: 'timestamptz', day: 'date', code: 'string', whole: 'long' },
  };

  it('is what the transform makes of the rows staged last, and stays', async () => {
    const { change, connectorId } = await staged(FACTS);
    const updated = await change('amount', { transformFn: 'round(float(v))' });
    expect(updated.examples).toEqual([
      { input: '12.5', output: '12.0' },
      { input: '7', output: '7.0' },
      { input: 'soon', output: null, error: expect.stringContaining('ValueError') },
    ]);
    expect(updated.warnings).toEqual([
      expect.stringMatching(/^1 of 3 sample values would be rejected: ValueError: could not convert/),
      expect.stringMatching(/^A missing value \(None\) would be rejected: TypeError/),
      '1 of 3 sample values lose digits after the point, such as "12.5".',
    ]);
    const { db } = deps.database;
    expect(await findFieldMapping(db, { tenantId: 'acme', connectorId, id: updated.id })).toEqual(updated);
  });

  it('is refreshed by an approval, by another column and by taking the transform away', async () => {
    const { change, schema } = await staged(FACTS);
    await deps.database.sql.unsafe(`delete from "${schema}"."things" where "amount" = 'soon'`);
    expect((await change('amount', { reviewed: true })).warnings).toEqual([]);
    const moved = await change('seen', { targetColumn: 'day' });
    expect(moved.warnings).toEqual([expect.stringMatching(/^2 of 2 sample values would be rejected/)]);
    const cut = await change('seen', { transformFn: 'str(v)[:10] if v else None' });
    expect(cut.warnings).toEqual(['The time of day is lost: the column holds dates.']);
    const plain = await change('seen', { transformFn: null });
    expect(plain.warnings).toEqual(moved.warnings);
  });

  it('warns of values that become null or are cut', async () => {
    const { change } = await staged(FACTS);
    const nulls = await change('amount', { transformFn: "None if v == '7' else 1.0" });
    expect(nulls.warnings).toContain('1 of 3 sample values become null, such as "7".');
    const cut = await change('seen', { targetColumn: 'code', transformFn: 'v[:4] if v else None' });
    expect(cut.warnings).toEqual(['2 of 3 sample values are cut short, such as "2026-03-28T10:00:00Z".']);
  });

  it('takes a transform that fails on all samples, with a warning: the next rows may be others', async () => {
    const { change } = await staged(FACTS);
    const updated = await change('amount', { transformFn: 'v.hour' });
    expect(updated.transformFn).toBe('v.hour');
    expect(updated.warnings[0]).toMatch(/^3 of 3 sample values would be rejected: AttributeError/);
  });

  it.each([
    ["'abc'", 'amount', '"abc" does not become double'],
    ["'soon' if v else 'soon'", 'seen', 'does not become timestamptz'],
  ])('refuses %s: it always answers what the column cannot hold', async (transformFn, column, words) => {
    const { change } = await staged(FACTS);
    await expect(change(column, { transformFn })).rejects.toMatchObject({
      code: 'mapping.transform_refused',
      message: expect.stringContaining(words),
      errors: [{ field: 'transform_fn', message: expect.stringContaining('always answers the same') }],
    });
  });

  it('names the place in an expression that is refused', async () => {
    const { change } = await staged(FACTS);
    await expect(change('amount', { transformFn: 'float(v) + amount' })).rejects.toMatchObject({
      errors: [{ field: 'transform_fn', message: expect.stringMatching(/^Name "amount".*\(column 12\)$/) }],
    });
  });
});
