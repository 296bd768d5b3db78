import { setTimeout as pause } from 'node:timers/promises';
import type { SSEStreamingApi } from 'hono/streaming';
import type { Ctx } from '../../../context.ts';
import { isFinished } from '../../../domain/run-state.ts';
import { NotFoundError } from '../../../errors.ts';
import { type RunLogPart, readRunLog } from '../../../services/runs/read-log.ts';
import { tableCounts } from './counts.ts';
import { progressOrNull } from './progress.ts';

export interface FollowInput {
  connectorId: string;
  runId: string;
  /** Lines the client has. */
  seenLines: number;
  /** The process is about to close. */
  closing: AbortSignal;
}

const LOOK_MS = 1_000;
/** Proxies cut what is silent; a client that is gone is noticed by it. */
const HEARTBEAT_MS = 15_000;
/** A client comes back with its last line; its token is checked anew. */
const LONGEST_MS = 3_600_000;

/** Writes what a run does as events until it ends, the client goes, or the process closes. */
export async function followRun(ctx: Ctx, stream: SSEStreamingApi, input: FollowInput): Promise<void> {
  const gone = new AbortController();
  stream.onAbort(() => gone.abort());
  const signal = AbortSignal.any([gone.signal, input.closing, AbortSignal.timeout(LONGEST_MS)]);
  let { seenLines } = input;
  let progress = '';
  let wroteAt = performance.now();
  while (!signal.aborted) {
    const log = await readOrGone(ctx, { ...input, seenLines });
    if (!log) return stream.writeSSE({ event: 'end', data: JSON.stringify({ status: 'deleted' }) });
    const now = JSON.stringify(progressOf(log));
    const hasNews = log.lines.length > 0 || now !== progress;
    await writeLines(stream, log);
    if (now !== progress) await stream.writeSSE({ event: 'progress', data: now });
    if (isFinished(log.status)) return stream.writeSSE({ event: 'end', data: JSON.stringify(endOf(log)) });
    seenLines = log.lines.at(-1)?.number ?? seenLines;
    progress = now;
    const isSilent = !hasNews && performance.now() - wroteAt >= HEARTBEAT_MS;
    if (isSilent) await stream.write(': still running\n\n');
    if (hasNews || isSilent) wroteAt = performance.now();
    await quietly(pause(LOOK_MS, undefined, { signal }));
  }
}

async function writeLines(stream: SSEStreamingApi, { lines, missed }: RunLogPart): Promise<void> {
  if (missed > 0) await stream.writeSSE({ event: 'gap', data: JSON.stringify({ lines: missed }) });
  for (const { number, text } of lines) {
    await stream.writeSSE({ event: 'log', id: String(number), data: text });
  }
}

function progressOf(log: RunLogPart) {
  const { status, attempt, streamStats, tableStats } = log;
  const counts = { stream_stats: streamStats, tables: tableCounts(tableStats) };
  return { status, attempt, ...counts, progress: progressOrNull(log) };
}

function endOf({ status, errorCode, errorMsg }: RunLogPart) {
  return { status, error_code: errorCode, error_msg: errorMsg };
}

/** null: the connector was deleted while it was watched. */
async function readOrGone(ctx: Ctx, input: FollowInput): Promise<RunLogPart | null> {
  try {
    return await readRunLog(ctx, input);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}
