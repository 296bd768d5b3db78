import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutByShape, cutRecord } from '../../../../src/adapters/runner/airbyte/record-shape.ts';

const data = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const moment = fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 });
const name = fc.string({ minLength: 1 });

/** A RECORD as one of the ways of the sources' libraries writes it. */
function lineOf(order: string[], record: Record<string, unknown>, indent: string): string {
  const members = order.filter((key) => record[key] !== undefined).map((key) => [key, record[key]]);
  const text = JSON.stringify({ type: 'RECORD', record: Object.fromEntries(members) }, null, indent);
  return text.replaceAll('\n', '');
}

const orders = fc.shuffledSubarray(['namespace', 'stream', 'data', 'emitted_at', 'meta'], { minLength: 5 });

test('a line that fits a shape is cut where reading it would cut it', () => {
  fc.assert(
    fc.property(
      orders,
      fc.constantFrom('', ' '),
      fc.record({ stream: name, namespace: fc.option(name, { nil: undefined }) }),
      fc.array(fc.tuple(data, moment), { minLength: 2, maxLength: 6 }),
      (order, indent, of, rows) => {
        const lines = rows.map(([row, at]) =>
          lineOf(order, { ...of, data: row, emitted_at: at, meta: { changes: [] } }, indent),
        );
        const shape = cutRecord(lines[0] ?? '')?.shape;
        for (const [at, line] of lines.entries()) {
          const read = cutRecord(line);
          expect(read?.stream.name).toBe(of.stream);
          expect(JSON.parse(line.slice(read?.dataStart, read?.dataEnd))).toEqual(
            JSON.parse(JSON.stringify(rows[at]?.[0])),
          );
          if (!shape) continue;
          const text = `before\n${line}\nafter`;
          const start = 'before\n'.length;
          const cut = cutByShape(shape, text, start, start + line.length);
          if (Object.keys(rows[at]?.[0] ?? {}).length > 0) expect(cut).not.toBeNull();
          if (cut)
            expect({ ...cut, dataStart: cut.dataStart - start, dataEnd: cut.dataEnd - start }).toEqual({
              stream: read?.stream,
              dataStart: read?.dataStart,
              dataEnd: read?.dataEnd,
              emittedAt: read?.emittedAt,
            });
        }
      },
    ),
  );
});

test('a line of another stream, without its moment or cut short does not fit', () => {
  const line = '{"type":"RECORD","record":{"stream":"a","data":{"id":1},"emitted_at":1767225600000}}';
  const shape = cutRecord(line)?.shape;
  if (!shape) throw new Error('no shape was learned');
  const fits = (text: string) => cutByShape(shape, text, 0, text.length) !== null;
  expect(fits(line)).toBe(true);
  for (const other of [
    line.replace('"a"', '"b"'),
    line.replace(',"emitted_at":1767225600000', ''),
    line.replace('1767225600000', '17672256000.5'),
    line.replace('}}', ',"namespace":"x"}}'),
    line.slice(0, -1),
    line.slice(0, 60),
    '',
  ])
    expect(fits(other), other).toBe(false);
});

test('a RECORD without a stream or data object is none', () => {
  for (const record of ['{}', '{"stream":"a"}', '{"stream":"a","data":[1]}', '{"data":{}}', '7'])
    expect(cutRecord(`{"type":"RECORD","record":${record}}`)).toBeNull();
});
