import { Worker } from 'node:worker_threads';
import { InvalidError } from '../errors.ts';
import type { LaneDefinition } from './lane.ts';
import type { LongLine } from './line-blocks.ts';
import type { EncodedRecord, LongLineReply, LongLineRequest } from './long-line-thread.ts';
import type { Message, RecordMessage } from './message.ts';

/** A RECORD whose line was too long to be parsed here. */
export interface LongRecord {
  type: 'LONG_RECORD';
  stream: string;
  line: number;
  sizeBytes: number;
  /** Its COPY row, made elsewhere too. */
  encode(lane: LaneDefinition, batchedAtMs: number): Promise<EncodedRecord>;
}

/** Parses and encodes long lines in a thread of its own, so that the event loop goes on meanwhile. One line at a time. */
export interface LongLines {
  /** Throws what reading a line throws. A record can be encoded until the next line is read. */
  read(line: LongLine): Promise<LongRecord | Exclude<Message, RecordMessage> | null>;
  close(): Promise<void>;
}

/** The thread is started by the first line and ended by close, or with `signal`. */
export function createLongLines(signal: AbortSignal | undefined): LongLines {
  let worker: Worker | null = null;
  let waiting: PromiseWithResolvers<LongLineReply> | null = null;

  function start(): Worker {
    const started = new Worker(new URL('./long-line-thread.ts', import.meta.url), { env: {}, execArgv: [] });
    started.on('message', (reply: LongLineReply) => waiting?.resolve(reply));
    started.on('error', (error) => waiting?.reject(lost(error)));
    started.on('exit', () => waiting?.reject(lost(signal?.reason)));
    signal?.addEventListener('abort', () => void started.terminate(), { once: true });
    return started;
  }

  async function ask(request: LongLineRequest): Promise<LongLineReply> {
    signal?.throwIfAborted();
    worker ??= start();
    waiting = Promise.withResolvers();
    // its memory goes to the thread
    const moved =
      request.kind === 'read' && request.bytes.buffer instanceof ArrayBuffer ? [request.bytes.buffer] : [];
    worker.postMessage(request, moved);
    const reply = await waiting.promise;
    if (reply.kind !== 'failed') return reply;
    throw reply.code === null ? new Error(reply.message) : new InvalidError(reply.code, reply.message);
  }

  return {
    async read({ bytes, line }) {
      const sizeBytes = bytes.length;
      const reply = await ask({ kind: 'read', bytes, line });
      if (reply.kind === 'message') return reply.message;
      if (reply.kind !== 'record') throw new Error(`unexpected ${reply.kind}`);
      return { type: 'LONG_RECORD', stream: reply.stream, line, sizeBytes, encode };
    },
    async close() {
      await worker?.terminate();
    },
  };

  async function encode(lane: LaneDefinition, batchedAtMs: number): Promise<EncodedRecord> {
    const reply = await ask({ kind: 'encode', lane, batchedAtMs });
    if (reply.kind === 'row' || reply.kind === 'refused' || reply.kind === 'widen') return reply;
    throw new Error(`unexpected ${reply.kind}`);
  }
}

function lost(cause: unknown): InvalidError {
  const message = 'A line was too long to be parsed in the memory there is.';
  return new InvalidError('singer.line_too_long', message, { cause });
}
