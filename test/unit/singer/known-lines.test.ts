import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownLines } from '../../../src/singer/known-lines.ts';
import { cursorOf, nextMessage, type RecordMessage } from '../../../src/singer/message.ts';
import { rowMetadata } from '../../../src/singer/row-metadata.ts';
import { rowTextFor } from '../../../src/singer/row-text.ts';
import { planStream } from '../../../src/singer/stream-plan.ts';

const properties = {
  id: { type: 'integer' },
  price: { type: ['null', 'number'] },
  name: { type: ['null', 'string'] },
  on: { type: 'boolean' },
  at: { type: ['string', 'null'], format: 'date-time' },
  day: { type: 'string', format: 'date' },
};
const schema = { type: 'object', required: ['id', 'on'], properties };

function loader(rowSchema: object = schema) {
  const plan = planStream(
    { stream: 's', schema: { ...rowSchema }, keyProperties: ['id'], line: 1 },
    { metadata: true, appendOnly: false },
  );
  const types = new Map(plan.fields.map(({ name, type }) => [name, type]));
  const metadata = rowMetadata(plan, { syncStartedAtMs: 5, loadId: '7' });
  const rowText = rowTextFor(plan, types, metadata, { validate: true, onUnknownField: () => {} });
  return { rowText, lines: createKnownLines(plan, types, metadata) };
}

function parsed(line: string): RecordMessage {
  const message = nextMessage(cursorOf({ text: line, firstLine: 1, ascii: false }));
  if (message?.type !== 'RECORD') throw new Error('no record');
  return message;
}

/** Fields of a row without the moment it was received; a boolean in either of its spellings is the same value. */
function fieldsOf(row: string): string[] {
  const fields = row.split('\t').map((each) => ({ true: 't', false: 'f' })[each] ?? each);
  return fields.filter((_each, index) => ![7, 10].includes(index));
}

const instant = fc
  .date({ noInvalidDate: true, min: new Date('1900-01-01'), max: new Date('2100-01-01') })
  .map((date) => date.toISOString());
const zoneless = instant.map((each) => each.slice(0, -1));
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\\N',
    'a\tb',
    '"',
    '\u0080s',
    'null',
    '{"a":1}',
    ', "on": true',
    'x'.repeat(300),
    '\ud800',
  ),
);
const plain = fc.record({
  id: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  price: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.constant(null)),
  name: fc.oneof(text, fc.string(), fc.constant(null)),
  on: fc.boolean(),
  at: fc.oneof(instant, zoneless, fc.constantFrom(null, '2024-01-01T00:00:00+00:00')),
  day: instant.map((each) => each.slice(0, 10)),
});
const wild = fc.record(
  {
    id: fc.constantFrom(0, -0, '7', null, 1.5, 2 ** 70),
    on: fc.constantFrom(null, 'true', 1, true),
    name: fc.constantFrom(7, ['a'], {}),
    at: fc.constantFrom('2024-01-01T00:00:00+02:00', 'now', ''),
    day: fc.constantFrom('2024-01-01T00:00:00Z', 'today'),
    odd: fc.constantFrom(1, { deep: true }),
  },
  { requiredKeys: [] },
);
const record = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 1, arbitrary: fc.tuple(plain, wild).map(([base, more]) => ({ ...base, ...more })) },
);
const message = fc.record(
  {
    type: fc.constant('RECORD'),
    stream: fc.constantFrom('s', 's', 's', 's', 's', 't'),
    record,
    time_extracted: fc.oneof(instant, zoneless, fc.constant('2024-01-01T00:00:00+02:00')),
    version: fc.nat(),
  },
  { requiredKeys: ['type', 'stream', 'record'] },
);

describe('lines that look like one before', () => {
  it('give the row that parsing them gives, or are left to the parser', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.constantFrom(0, 0, 0, 0, 1)), { minLength: 2, maxLength: 12 }),
        (all) => {
          const { rowText, lines } = loader();
          for (const [each, indent] of all) {
            const line = JSON.stringify(each, null, indent).replaceAll('\n', '');
            const known = lines.rowAt(`${line}\n{}`, 0, 3);
            if (known) {
              found += 1;
              expect(each.stream).toBe('s');
              expect(known.end).toBe(line.length);
              expect(fieldsOf(known.row)).toEqual(
                fieldsOf(numbersAsWritten(rowText(parsed(line), 3), known.row)),
              );
            } else if (each.stream === 's') {
              learnIfGood(line, rowText, lines);
            }
          }
        },
      ),
      { numRuns: 600 },
    );
    expect(found).toBeGreaterThan(100);
  });

  it('are found for flat rows: the second of a kind needs no parser', () => {
    const { lines } = loader();
    const line = (id: number, name: string | null) =>
      `{"type": "RECORD", "stream": "s", "record": {"id": ${id}, "price": 1.50, "name": ${JSON.stringify(name)}, "on": true, "at": "2024-01-01T00:00:00Z", "day": "2024-01-01"}, "time_extracted": "2024-01-01T00:00:00Z"}`;
    expect(lines.rowAt(line(1, 'a'), 0, 3)).toBeNull();
    lines.learn(line(1, 'a'));
    expect(lines.rowAt(line(2, null), 0, 3)?.row).toMatch(
      /^2\t1\.50\t\\N\ttrue\t2024-01-01T00:00:00Z\t2024-01-01\t/,
    );
    expect(lines.rowAt(line(2, 'Zoë 😀'), 0, 3)?.row).toContain('\tZoë 😀\t');
    for (const odd of ['tab\t', 'quote"', 'back\\', '\u0001', '\u0080'])
      expect(lines.rowAt(line(3, odd), 0, 3)).toBeNull();
  });

  it.each([
    ['enum', { ...schema, properties: { ...schema.properties, name: { type: 'string', enum: ['a'] } } }],
    ['anyOf over the row', { ...schema, anyOf: [{ required: ['name'] }] }],
    ['a minimum no pattern can tell', withId({ type: 'integer', minimum: 5 })],
    ['an exclusive minimum', withId({ type: 'integer', exclusiveMinimum: -1 })],
    ['a multiple', withId({ type: 'integer', multipleOf: 3 })],
    ['a choice of two types', withId({ anyOf: [{ type: 'integer' }, { type: 'string' }] })],
    ['other properties of one type', { ...schema, additionalProperties: { type: 'string' } }],
  ])('a schema with more than types is always checked in full: %s', (_what, rowSchema) => {
    const { lines } = loader(rowSchema);
    const line = '{"type":"RECORD","stream":"s","record":{"id":9,"on":true,"name":"a"}}';
    lines.learn(line);
    expect(lines.rowAt(line, 0, 3)).toBeNull();
  });

  it('a row that may have no other properties is known by the ones it has', () => {
    const { lines } = loader({ ...schema, additionalProperties: false });
    const line = '{"type":"RECORD","stream":"s","record":{"id":9,"on":true,"other":"a"}}';
    lines.learn(line);
    expect(lines.rowAt(line, 0, 3)).toBeNull();
    const good = line.replace('other', 'name');
    lines.learn(good);
    expect(lines.rowAt(good, 0, 3)).not.toBeNull();
    expect(lines.rowAt(line, 0, 3)).toBeNull();
  });

  it.each([
    [
      { type: 'integer', minimum: -2147483648, maximum: 2147483647 },
      ['0', '-999999999', '999999999'],
      ['2147483648'],
    ],
    [{ type: 'integer', minimum: 0, maximum: 150 }, ['0', '99'], ['-1', '151', '100']],
    [{ type: ['integer'], 'x-sql-datatype': 'bigint' }, ['-7', '123456789012345'], ['1.5', '007', '-0']],
    [{ type: 'string', maxLength: 3 }, ['""', '"abc"'], ['"abcd"', '"😀😀"']],
    [
      { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
      ['"2024-01-01T00:00:00Z"'],
      ['"now"'],
    ],
    [{ type: 'string', format: 'x-singer.decimal' }, ['"1.10"', '"-0"'], ['"NaN"', '""', '1.1']],
  ])('values within %j are known, values at its edge are left to the parser', (id, known, others) => {
    const { lines } = loader(withId(id));
    const line = (value: string) => `{"type":"RECORD","stream":"s","record":{"id":${value},"on":true}}`;
    for (const value of known) lines.learn(line(value));
    for (const value of known) expect(lines.rowAt(line(value), 0, 3)).not.toBeNull();
    for (const value of others) expect(lines.rowAt(line(value), 0, 3)).toBeNull();
  });
});

function withId(id: object) {
  return { ...schema, properties: { ...schema.properties, id } };
}

function learnIfGood(
  line: string,
  rowText: ReturnType<typeof loader>['rowText'],
  lines: ReturnType<typeof loader>['lines'],
) {
  try {
    rowText(parsed(line), 3);
  } catch {
    return;
  }
  lines.learn(line);
}

/** The parser prints a number its own way (1e-7); the line's own digits are as good when they mean the same. */
function numbersAsWritten(slow: string, fast: string): string {
  const [a, b] = [slow.split('\t'), fast.split('\t')];
  if (Number(a[1]) === Number(b[1]) && b[1] !== '\\N' && a[1] !== '\\N') a[1] = b[1] ?? '';
  return a.join('\t');
}
