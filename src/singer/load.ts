import { addAbortSignal, type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pool } from '../db/client.ts';
import type { JsonText } from '../domain/lossless-json.ts';
import type { RefusedRecord } from '../domain/refused-record.ts';
import { type StatsByStream, type StreamStats, sumOf } from '../domain/stats.ts';
import type { CommitGuard } from '../ports/runner.ts';
import { batchBlocks, inBatchFile } from './batch-files.ts';
import { type BatchWriter, createBatchWriter } from './batch-writer.ts';
import { type LineBlock, type LongLine, lineBlocks } from './line-blocks.ts';
import type { LoadSettings } from './load-settings.ts';
import { createLongLines, type LongLines, type LongRecord } from './long-lines.ts';
import { type BatchMessage, cursorOf, type LineCursor, type Message, nextMessage } from './message.ts';
import { singerError } from './refusal.ts';
import { openStagingSession } from './staging-session.ts';
import { createStreams } from './streams.ts';

export interface LoadHooks {
  /** A STATE value, once every record before it is durable. */
  onState?(state: JsonText): void;
  /** Durable counts so far, after every commit. */
  onProgress?(stats: StatsByStream): void;
  /** A field the schema does not name, and the like: worth a line in the log. */
  onWarning?(message: string): void;
  /** The properties of a stream's SCHEMA, at the first and at every one that differs from the one before. */
  onSchema?(stream: string, properties: unknown): void;
  /** Takes a record that cannot be stored and lets the load go on. Without it such a record fails the load. */
  onRejected?(rejection: RefusedRecord): void;
  guardCommit?: CommitGuard;
}

export interface LoadRequest {
  source: Readable;
  pool: Pool;
  settings: LoadSettings;
  hooks?: LoadHooks;
  signal?: AbortSignal;
  /** Names the load's connection in pg_stat_activity. */
  sessionName?: string;
}

export interface LoadResult {
  /** RECORD messages that are durable. */
  rows: number;
  /** Bytes of their lines. */
  bytes: number;
  streams: StatsByStream;
  rejected: number;
  /** The last STATE, durable; null when none came. */
  state: JsonText | null;
}

/** The longest the event loop is kept busy between two turns. */
const BUSY_MS = 15;

/**
 * Loads Singer messages into Postgres staging tables. Each transaction holds rows of all streams; a STATE is passed on only after the
 * commit of every record before it, and after an error or an abort nothing of the open transaction remains. Memory does not grow with
 * the input. Throws InvalidError `singer.*` naming line and stream, UnavailableError `singer.database_unavailable`, what the guard
 * throws, or the signal's reason.
 */
export async function loadSinger({
  source,
  pool,
  settings,
  hooks = {},
  signal,
  sessionName,
}: LoadRequest): Promise<LoadResult> {
  const result: LoadResult = {
    rows: 0,
    bytes: 0,
    streams: Object.create(null),
    rejected: 0,
    state: null,
  };
  let lost: Error | null = null;
  source.on('error', ignore);
  const session = await openStagingSession(pool, {
    guardCommit: hooks.guardCommit,
    signal,
    sessionName,
    onLost(error) {
      lost = error;
      source.destroy(error);
    },
  });
  const onRejected =
    hooks.onRejected &&
    ((rejection: RefusedRecord) => {
      result.rejected += 1;
      count(rejection.stream, { rows: 0, bytes: 0, rejected: 1 });
      hooks.onRejected?.(rejection);
    });
  const count = (stream: string, added: StreamStats) => {
    result.streams[stream] = sumOf(result.streams[stream], added);
  };
  const syncStartedAtMs = Date.now();
  const writer = createBatchWriter(session, {
    onCommitted(stream, added) {
      count(stream, added);
      result.rows += added.rows;
      result.bytes += added.bytes;
      hooks.onProgress?.({ ...result.streams });
    },
    onState(state) {
      result.state = state;
      hooks.onState?.(state);
    },
    onRejected: onRejected ?? null,
  });
  const streams = createStreams({
    session,
    writer,
    settings,
    syncStartedAtMs,
    onRejected: onRejected ?? null,
    onWarning: hooks.onWarning,
    onSchema: hooks.onSchema,
  });
  const longLines = createLongLines(signal);
  try {
    await consume(signal ? addAbortSignal(signal, source) : source, { settings, writer, streams, longLines });
    await writer.drain();
    // a plain object again: what has no prototype is no JSON to the database's driver
    return { ...result, streams: { ...result.streams } };
  } catch (error) {
    signal?.throwIfAborted();
    throw lost ?? error;
  } finally {
    await longLines.close();
    await writer.settled();
    await session.close();
    source.off('error', ignore);
  }
}

/** The loop over the source is told of its errors; they must not end the process when they come between two reads. */
function ignore(): void {}

interface Consumers {
  settings: LoadSettings;
  writer: BatchWriter;
  streams: ReturnType<typeof createStreams>;
  longLines: LongLines;
}

async function consume(source: Readable, { settings, writer, streams, longLines }: Consumers): Promise<void> {
  let failure: unknown = null;
  let busySince = performance.now();
  const timer = setInterval(() => {
    if (writer.current.rows === 0 && writer.current.state === null) return;
    writer.flush().catch((error: unknown) => {
      failure = error;
      source.destroy(error instanceof Error ? error : undefined);
    });
  }, settings.flushIntervalMs);
  try {
    await takeBlocks(lineBlocks(source, settings.maxLineBytes), null);
  } finally {
    clearInterval(timer);
  }

  /** `within`: the BATCH message whose records these are; nothing else may be among them. */
  async function takeBlocks(
    blocks: AsyncIterable<LineBlock | LongLine>,
    within: BatchMessage | null,
  ): Promise<void> {
    for await (const block of blocks) {
      if ('bytes' in block) {
        await takeLong(block, within);
        if (failure) throw failure;
        continue;
      }
      const cursor = cursorOf(block);
      while (cursor.at <= block.text.length) {
        const pending = streams.takeKnown(cursor) ?? takeOther(cursor, within);
        if (pending) await pending;
        if (failure) throw failure;
        if (performance.now() - busySince < BUSY_MS) continue;
        await nextTurn();
        busySince = performance.now();
      }
    }
    if (failure) throw failure;
  }

  async function takeLong(line: LongLine, within: BatchMessage | null): Promise<void> {
    const message = await longLines.read(line).catch((error: unknown) => {
      throw within ? inBatchFile(error, within, line.file) : error;
    });
    if (message?.type === 'LONG_RECORD') {
      assertWithin(message, within, true);
      await streams.takeLong(message);
    } else if (message) await take(message, within);
  }

  function takeOther(cursor: LineCursor, within: BatchMessage | null): Promise<void> | null {
    if (cursor.at > cursor.block.text.length) return null;
    // what is waited for later may be about rows from elsewhere: only what is thrown here is this line's
    try {
      const message = nextMessage(cursor);
      return message === null ? null : take(message, within);
    } catch (error) {
      throw within ? inBatchFile(error, within, cursor.block.file) : error;
    }
  }

  function take(message: Message, within: BatchMessage | null): Promise<void> | null {
    assertWithin(message, within, message.type === 'RECORD');
    if (message.type === 'BATCH') return takeBlocks(batchBlocks(message, settings), message);
    return streams.handle(message);
  }
}

/** A line of a batch file is one record of its stream. */
function assertWithin(message: Message | LongRecord, within: BatchMessage | null, isRecord: boolean): void {
  if (!within || (isRecord && 'stream' in message && message.stream === within.stream)) return;
  throw singerError(
    'singer.invalid_message',
    { line: message.line, stream: within.stream },
    'a line of a batch file must be one record.',
  );
}
