import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { SourceFile } from './source-files.ts';

const CHUNK_BYTES = 256 * 1024;

/** The bytes of a file from `start` up to the size it had when it was found, so that a file still being written reads the same twice. */
export async function* rawBytes(file: SourceFile, start = 0, hash?: Hash): AsyncGenerator<Buffer> {
  if (start >= file.sizeBytes) return;
  const stream = createReadStream(file.realPath, {
    start,
    end: file.sizeBytes - 1,
    highWaterMark: CHUNK_BYTES,
  });
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    hash?.update(chunk);
    yield chunk;
  }
}

/** The same bytes, unpacked when they are gzip whatever the file is called. */
export async function* plainBytes(file: SourceFile, start: number, hash: Hash): AsyncGenerator<Buffer> {
  const raw = rawBytes(file, start, hash);
  const first = await raw.next();
  if (first.done) return;
  const whole = prepend(first.value, raw);
  if (start > 0 || !isGzip(first.value)) return yield* whole;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(whole, { objectMode: false, highWaterMark: CHUNK_BYTES });
  source.on('error', (error) => gunzip.destroy(error));
  for await (const chunk of source.pipe(gunzip)) if (Buffer.isBuffer(chunk)) yield chunk;
}

export interface Fingerprint {
  sha256: string;
  /** sha256 of the first `prefixBytes`, when asked for. */
  prefixSha256: string | undefined;
  prefixLines: number;
  prefixEndsLine: boolean;
  gzip: boolean;
}

/** Hashes a file, and on the way its first `prefixBytes` (0: none) with their number of line ends. */
export async function fingerprint(file: SourceFile, prefixBytes: number): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const print: Fingerprint = {
    sha256: '',
    prefixSha256: undefined,
    prefixLines: 0,
    prefixEndsLine: false,
    gzip: false,
  };
  let at = 0;
  for await (const chunk of rawBytes(file)) {
    if (at === 0) print.gzip = isGzip(chunk);
    const head = chunk.subarray(0, Math.max(0, prefixBytes - at));
    hash.update(head);
    if (head.length > 0) {
      print.prefixLines += countLines(head);
      print.prefixEndsLine = head.at(-1) === NEWLINE;
    }
    at += chunk.length;
    if (head.length > 0 && at >= prefixBytes) print.prefixSha256 = hash.copy().digest('hex');
    hash.update(chunk.subarray(head.length));
  }
  print.sha256 = hash.digest('hex');
  return print;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

const NEWLINE = 10;

export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}
