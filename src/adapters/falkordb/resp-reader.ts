import type { Readable } from 'node:stream';
import { FalkorError } from './falkordb-errors.ts';

/** What Redis answers: integers as bigint, whatever their size. */
export type Resp = null | bigint | string | Resp[];

const DEEPEST = 128;
const LF = 10;

export interface RespReader {
  /** The next whole value. Throws FalkorError where an error stands in its place. */
  value(): Promise<Resp>;
  /** How many items follow, where an array begins. */
  arrayLength(): Promise<number>;
  bytesRead(): number;
}

/** Reads the answers of a Redis one by one as they come, so that a long one can be left in its midst. */
export function createRespReader(stream: Readable): RespReader {
  const chunks = stream[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);
  let bytesRead = 0;

  async function more(): Promise<void> {
    const { value, done } = await chunks.next();
    if (done) throw new FalkorError('closed', 'The connection was closed.');
    buffer = buffer.length === 0 ? value : Buffer.concat([buffer, value]);
  }

  async function line(): Promise<string> {
    let end = buffer.indexOf(LF);
    while (end < 0) {
      await more();
      end = buffer.indexOf(LF);
    }
    return take(end + 1).toString('utf8', 0, end - 1);
  }

  async function bytes(length: number): Promise<string> {
    while (buffer.length < length + 2) await more();
    return take(length + 2).toString('utf8', 0, length);
  }

  function take(length: number): Buffer {
    const taken = buffer.subarray(0, length);
    buffer = buffer.subarray(length);
    bytesRead += length;
    return taken;
  }

  async function value(depth = 0): Promise<Resp> {
    if (depth > DEEPEST) throw new FalkorError('answer', 'The answer is nested too deep.');
    const head = await line();
    const rest = head.slice(1);
    switch (head[0]) {
      case '+':
        return rest;
      case '-':
        throw new FalkorError('reply', rest);
      case ':':
        return BigInt(rest);
      case '$':
        return rest === '-1' ? null : bytes(Number(rest));
      case '*':
        return rest === '-1' ? null : items(Number(rest), depth);
      default:
        throw new FalkorError('answer', 'The answer is not one of Redis.');
    }
  }

  async function items(length: number, depth: number): Promise<Resp[]> {
    const found: Resp[] = [];
    for (let n = 0; n < length; n++) found.push(await value(depth + 1));
    return found;
  }

  async function arrayLength(): Promise<number> {
    const head = await line();
    if (head.startsWith('-')) throw new FalkorError('reply', head.slice(1));
    if (!head.startsWith('*')) throw new FalkorError('answer', 'The answer is not a table.');
    return Number(head.slice(1));
  }

  return { value: () => value(), arrayLength, bytesRead: () => bytesRead };
}
