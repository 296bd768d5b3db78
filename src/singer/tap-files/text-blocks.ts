import { isUtf8 } from 'node:buffer';
import { FileError } from './errors.ts';

/** Whole lines of a file. */
export interface TextBlock {
  text: string;
  /** 1-based line number of the text's first line. */
  firstLine: number;
  /** Lines that are not valid in the encoding; in `text` they carry U+FFFD where they are not. */
  badLines: ReadonlySet<number>;
}

/** More than this in one line, or one quoted CSV record, is a file that is not what it is said to be. */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;
const NONE: ReadonlySet<number> = new Set();
const NEWLINE = 10;

/** Cuts bytes into blocks of whole lines, the last one with or without its line end. A byte order mark is taken off. */
export async function* textBlocks(
  bytes: AsyncIterable<Buffer>,
  encoding: string,
  firstLine = 1,
): AsyncGenerator<TextBlock> {
  const isPlain = new TextDecoder(encoding).encoding === 'utf-8';
  let line = firstLine;
  for await (const block of isPlain ? utf8Blocks(bytes) : decodedBlocks(bytes, encoding)) {
    const badLines = block.bytes === undefined ? NONE : badLinesOf(block.bytes, line);
    const text = line === 1 && block.text.charCodeAt(0) === 0xfeff ? block.text.slice(1) : block.text;
    yield { text, firstLine: line, badLines };
    line += countNewlines(text);
  }
}

/** Text, and its bytes where they are not valid UTF-8. */
interface Block {
  text: string;
  bytes?: Buffer | undefined;
}

async function* utf8Blocks(source: AsyncIterable<Buffer>): AsyncGenerator<Block> {
  let carried: Buffer[] = [];
  let carriedBytes = 0;
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield utf8Block(Buffer.concat([...carried, chunk.subarray(0, end)]));
      carried = [];
      carriedBytes = 0;
    }
    carried.push(chunk.subarray(end));
    carriedBytes += chunk.length - end;
    if (carriedBytes > MAX_RECORD_BYTES) throw tooLarge();
  }
  if (carriedBytes > 0) yield utf8Block(Buffer.concat(carried));
}

function utf8Block(bytes: Buffer): Block {
  return { text: bytes.toString('utf8'), bytes: isUtf8(bytes) ? undefined : bytes };
}

async function* decodedBlocks(source: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Block> {
  let carried = '';
  for await (const part of decodedText(source, encoding)) {
    const text = carried + part;
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) yield { text: text.slice(0, end) };
    carried = text.slice(end);
    if (carried.length > MAX_RECORD_BYTES) throw tooLarge();
  }
  if (carried !== '') yield { text: carried };
}

/** Decoded pieces of a file, cut anywhere. Throws FileError with the line where the bytes are not valid in the encoding. */
export async function* decodedText(source: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  for await (const chunk of source) {
    const text = decodeOrThrow(
      () => decoder.decode(chunk, { stream: true }),
      encoding,
      () => line + badLineIn(chunk),
    );
    line += countNewlines(text);
    yield text;
  }
  yield decodeOrThrow(
    () => decoder.decode(),
    encoding,
    () => line,
  );
}

function decodeOrThrow(decode: () => string, encoding: string, line: () => number): string {
  try {
    return decode();
  } catch (cause) {
    throw new FileError('tap.file_corrupt', `the text is not valid ${encoding.toUpperCase()}`, {
      line: line(),
      cause,
    });
  }
}

/** How many lines into a chunk that is not valid UTF-8 the fault is; its cut first and last character may mislead by none. */
function badLineIn(chunk: Buffer): number {
  return Math.max(0, Math.min(...badLinesOf(chunk, 0), countNewlines(chunk.toString('latin1'))));
}

function badLinesOf(bytes: Buffer, firstLine: number): ReadonlySet<number> {
  const bad = new Set<number>();
  let line = firstLine;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (!isUtf8(bytes.subarray(start, end))) bad.add(line);
    start = end;
  }
  return bad;
}

export function countNewlines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function tooLarge(): FileError {
  return new FileError('tap.record_too_large', `a line is longer than ${MAX_RECORD_BYTES} bytes`);
}
