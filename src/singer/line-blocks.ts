import { isUtf8 } from 'node:buffer';
import { singerError } from './refusal.ts';

/** Whole lines of the input, decoded at once. */
export interface LineBlock {
  /** Lines joined by "\n", without the last "\n". */
  text: string;
  /** Number of the first line, from 1. */
  firstLine: number;
  /** Every character is one byte. */
  ascii: boolean;
  /** Name of the batch file the lines are of; none: they are the source's own. */
  file?: string;
}

/** One line, too long to be decoded and parsed on the event loop. */
export interface LongLine {
  /** UTF-8, in memory of its own. */
  bytes: Buffer;
  line: number;
  file?: string;
}

/** A longer line takes the event loop for more than a blink. */
const LONG_LINE_BYTES = 1024 * 1024;
/** A source may hand over pieces of any size. */
const PIECE_BYTES = 256 * 1024;
const NEWLINE = 10;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts a byte stream into blocks of whole lines and single long ones, holding at most one unfinished line.
 * Throws InvalidError `singer.line_too_long` and `singer.not_utf8`, naming the line and, where it can be read, the stream.
 */
export async function* lineBlocks(
  source: AsyncIterable<Uint8Array | string>,
  maxLineBytes: number,
): AsyncGenerator<LineBlock | LongLine> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let line = 1;
  for await (const bytes of piecesOf(source)) {
    const cut = bytes.lastIndexOf(NEWLINE);
    let start = 0;
    if (cut !== -1 && restBytes > LONG_LINE_BYTES) {
      start = bytes.indexOf(NEWLINE) + 1;
      yield longLine([...rest, bytes.subarray(0, start - 1)], line, maxLineBytes);
      line += 1;
      rest = [];
      restBytes = 0;
    }
    if (cut >= start) {
      const block = decode(join(rest, bytes.subarray(start, cut)), line, maxLineBytes);
      yield block;
      line += countLines(block.text);
      rest = [];
      restBytes = 0;
    }
    const tail = bytes.subarray(cut + 1);
    restBytes += tail.length;
    if (tail.length > 0) rest.push(tail);
    if (restBytes > maxLineBytes) throw tooLong(join(rest), line, maxLineBytes);
  }
  if (restBytes > LONG_LINE_BYTES) yield longLine(rest, line, maxLineBytes);
  else if (restBytes > 0) yield decode(join(rest), line, maxLineBytes);
}

async function* piecesOf(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    const bytes = asBuffer(piece);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

function longLine(pieces: Buffer[], line: number, maxLineBytes: number): LongLine {
  const all = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) at += piece.copy(all, at);
  const bytes = all.subarray(bomLength(all, line));
  if (!isUtf8(bytes)) throw notUtf8(bytes, line);
  if (bytes.length > maxLineBytes) throw tooLong(bytes, line, maxLineBytes);
  return { bytes, line };
}

function decode(bytes: Buffer, firstLine: number, maxLineBytes: number): LineBlock {
  if (!isUtf8(bytes)) throw notUtf8(bytes, firstLine);
  if (bytes.length > maxLineBytes) assertLineLengths(bytes, firstLine, maxLineBytes);
  const start = bomLength(bytes, firstLine);
  const text = bytes.toString('utf8', start);
  return { text, firstLine, ascii: text.length === bytes.length - start };
}

function bomLength(bytes: Buffer, firstLine: number): number {
  return firstLine === 1 && bytes.subarray(0, 3).equals(BOM) ? 3 : 0;
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function assertLineLengths(bytes: Buffer, firstLine: number, maxLineBytes: number): void {
  eachLine(bytes, firstLine, (line, number) => {
    if (line.length > maxLineBytes) throw tooLong(line, number, maxLineBytes);
  });
}

function notUtf8(bytes: Buffer, firstLine: number): Error {
  let found = firstLine;
  let stream: string | null = null;
  eachLine(bytes, firstLine, (line, number) => {
    if (isUtf8(line) || stream !== null) return;
    found = number;
    stream = streamIn(line);
  });
  return singerError('singer.not_utf8', { line: found, stream }, 'the text is not valid UTF-8.');
}

function eachLine(bytes: Buffer, firstLine: number, visit: (line: Buffer, number: number) => void): void {
  let start = 0;
  for (let number = firstLine; start <= bytes.length; number += 1) {
    const at = bytes.indexOf(NEWLINE, start);
    const end = at === -1 ? bytes.length : at;
    visit(bytes.subarray(start, end), number);
    start = end + 1;
  }
}

function tooLong(line: Buffer, number: number, maxLineBytes: number): Error {
  const message = `the line is longer than ${maxLineBytes} bytes.`;
  return singerError('singer.line_too_long', { line: number, stream: streamIn(line) }, message);
}

/** The stream a line that is not parsed seems to belong to. */
export function streamIn(line: Buffer): string | null {
  const ends = [line.subarray(0, 4096), line.subarray(-4096)];
  const found = ends.map((end) => /"stream"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(end.toString('utf8'))?.[1]);
  return found[0] ?? found[1] ?? null;
}

function asBuffer(piece: Uint8Array | string): Buffer {
  if (typeof piece === 'string') return Buffer.from(piece);
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

function join(pieces: Buffer[], last?: Buffer): Buffer {
  const all = last ? [...pieces, last] : pieces;
  return all.length === 1 && all[0] ? all[0] : Buffer.concat(all);
}
