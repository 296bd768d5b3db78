import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineBlock, type LongLine, lineBlocks } from '../../../src/singer/line-blocks.ts';
import { cursorOf, type Message, nextMessage } from '../../../src/singer/message.ts';
import { jsonOf, markNumbers, mentionsMark, parseMarked } from '../../../src/singer/number-text.ts';

async function blocksOf(pieces: Buffer[], maxLineBytes = 1000): Promise<(LineBlock | LongLine)[]> {
  const source = (async function* () {
    yield* pieces;
  })();
  return Array.fromAsync(lineBlocks(source, maxLineBytes));
}

/** Number and text of each line. */
function linesOf(blocks: (LineBlock | LongLine)[]): [number, string][] {
  return blocks.flatMap((block) =>
    'bytes' in block
      ? [[block.line, block.bytes.toString()] as [number, string]]
      : block.text.split('\n').map((line, index): [number, string] => [block.firstLine + index, line]),
  );
}

describe('lines', () => {
  it('come out whole and numbered however the bytes are cut', async () => {
    const text = 'one\nzwei ü\n\n😀 four\nlast';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 6 }), async (cuts) => {
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(linesOf(await blocksOf(pieces))).toEqual(
          text.split('\n').map((line, index) => [index + 1, line]),
        );
      }),
    );
  });

  it('that are long come out by themselves, in their order', async () => {
    const long = (letter: string) => letter.repeat(1_400_000);
    const lines = ['a', long('b'), long('ü'), '', 'c', 'd', long('e'), 'f', long('g')];
    const bytes = Buffer.from(lines.join('\n'));
    for (const size of [bytes.length, 65_536, 1_000_003]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      const blocks = await blocksOf(pieces, 10_000_000);
      expect(linesOf(blocks)).toEqual(lines.map((line, index) => [index + 1, line]));
      const alone = blocks.flatMap((block) => ('bytes' in block ? [block.line] : []));
      expect(alone).toEqual([2, 3, 7, 9]);
    }
  });

  it('too long are refused with line and stream, before they end', async () => {
    const pieces = [Buffer.from('{}\n{"type":"RECORD","stream":"big","record":"'), Buffer.alloc(2000, 120)];
    await expect(blocksOf(pieces)).rejects.toMatchObject({
      code: 'singer.line_too_long',
      message: expect.stringContaining('Line 2 of stream "big"'),
    });
  });

  it('that are not UTF-8 are refused with line and stream', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{}\n{"stream":"s","x":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{}'),
    ]);
    await expect(blocksOf([bytes])).rejects.toMatchObject({
      code: 'singer.not_utf8',
      message: expect.stringContaining('Line 2 of stream "s"'),
    });
  });
});

describe('messages', () => {
  const parse = (text: string): Message[] => {
    const cursor = cursorOf({ text, firstLine: 5, ascii: false });
    const found: Message[] = [];
    while (cursor.at <= text.length) {
      const message = nextMessage(cursor);
      if (message) found.push(message);
    }
    return found;
  };

  it.each([
    ['{"type":"RECORD"', 'singer.invalid_message'],
    ['[1]', 'singer.invalid_message'],
    ['{"stream":"s"}', 'singer.invalid_message'],
    ['{"type":"NOISE","stream":"s"}', 'singer.invalid_message'],
    ['{"type":"RECORD","stream":"s","record":[]}', 'singer.invalid_message'],
    ['{"type":"SCHEMA","stream":"s","schema":{}}', 'singer.invalid_schema'],
    [
      '{"type":"SCHEMA","stream":"s","schema":{"properties":{}},"key_properties":"id"}',
      'singer.invalid_schema',
    ],
    ['{"type":"STATE"}', 'singer.invalid_message'],
    ['{"type":"RECORD","stream":"s","record":{"a":01234567890123456789}}', 'singer.invalid_message'],
  ])('%s is %s, with its line', (line, code) => {
    expect(() => parse(`\n${line}`)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/^Line 6/) }),
    );
  });

  it('empty lines and CRLF are no trouble', () => {
    expect(parse('\r\n{"type":"STATE","value":{"a":1.0}}\r\n\n').map((message) => message.type)).toEqual([
      'STATE',
    ]);
  });

  it('any JSON value but -0, which Postgres has not, comes back as the same JSON, however its numbers are written', () => {
    const number = fc
      .stringMatching(/^-?(0|[1-9]\d{0,22})(\.\d{1,22})?([eE][+-]?\d{1,3})?$/)
      .filter((text) => text !== '-0');
    const tricky = fc.constantFrom(
      'a: 1.10, b',
      '\u0080123',
      '\u0080s',
      'x"\u0080s',
      ', 1e5]',
      '12345678901234567890',
    );
    const leaf = fc.oneof(
      number,
      fc.oneof(fc.string(), tricky).map((text) => JSON.stringify(text)),
      fc.constant('null'),
    );
    const list = fc
      .array(leaf, { maxLength: 8 })
      .map((items) => `{"a":[${items.join(',')}],"b": ${items[0] ?? 'true'}}`);
    fc.assert(
      fc.property(list, (text) => {
        const [message] = parse(`{"type":"RECORD","stream":"s","record":${text}}`);
        expect(message?.type === 'RECORD' && jsonOf(message.record)).toBe(text.replace('"b": ', '"b":'));
      }),
    );
  });

  it('the fast way and the sure way agree', () => {
    const line = '{"a":1.10,"b":[12345678901234567,1e400, -0.0],"c":"x: 2.20"}';
    expect(mentionsMark(line)).toBe(false);
    expect(JSON.parse(markNumbers(line))).toEqual(parseMarked(line));
  });
});
