import type { RunRow } from '../../db/queries/run-claims.ts';
import type { KeptRecord } from '../../db/queries/run-log.ts';
import { createLogTail, ownLine } from '../../domain/log-tail.ts';
import { soFarLine, totalLine } from '../../domain/progress-lines.ts';
import { createProgressMeter, type RunProgress } from '../../domain/run-progress.ts';
import type { StatsByStream, TableStats } from '../../domain/stats.ts';

/** What a worker keeps of a run while it works on it: its log, its counts so far, and how fast they grow. */
export interface RunRecord {
  /** A line of the tap. */
  log(line: string): void;
  /** A line of Ivory's own: what happened to the run. */
  say(text: string): void;
  /** Rows staged so far; every ten seconds a line of the log says so. */
  progress(stats: StatsByStream): void;
  /** Tables loaded so far; the same. */
  tables(stats: readonly TableStats[]): void;
  /** The worker's part is done: says what it came to, if it moved anything. */
  sumUp(): void;
  hasChanged(): boolean;
  /** What has changed since it was last taken. */
  take(): KeptRecord;
  /** What was taken last could not be stored. */
  giveBack(): void;
  all(): Required<KeptRecord>;
}

const SAY_EVERY_MS = 10_000;
/** What stands still for longer than a slow source takes between two commits has its rate told anew. */
const STALE_MS = 15_000;

/** Goes on from what the run's row holds. */
export function createRunRecord(run: RunRow, now: () => Date): RunRecord {
  const startedAtMs = now().getTime();
  const tail = createLogTail(undefined, { text: run.logTail, lines: run.logLines });
  const meter = createProgressMeter(run.status === 'loading' ? 'loading' : 'staging', startedAtMs);
  let { streamStats, tableStats, progress } = run;
  /** By this worker. */
  let measured: RunProgress | null = null;
  let saidAtMs = startedAtMs;
  const changed = { log: false, streams: false, tables: false, progress: false };

  const all = () => ({
    streamStats,
    tableStats,
    progress,
    logTail: tail.text(),
    logLines: tail.lines(),
  });
  const log = (line: string) => {
    tail.add(line);
    changed.log = true;
  };
  const say = (text: string) => log(ownLine(now(), text));
  const show = (next: RunProgress) => {
    progress = measured = next;
    changed.progress = true;
  };
  const measure = (counted: Parameters<typeof meter.measure>[0]) => {
    const atMs = now().getTime();
    const next = meter.measure(counted, atMs);
    show(next);
    if (next.rows === 0 || atMs - saidAtMs < SAY_EVERY_MS) return;
    saidAtMs = atMs;
    say(soFarLine(next));
  };
  const refresh = () => {
    const atMs = now().getTime();
    if (measured && measured.rowsPerS > 0 && atMs - Date.parse(measured.updatedAt) >= STALE_MS)
      show(meter.now(atMs));
  };
  return {
    log,
    say,
    progress(stats) {
      streamStats = stats;
      changed.streams = true;
      measure(stats);
    },
    tables(stats) {
      tableStats = [...stats];
      changed.tables = true;
      measure(readByStream(stats));
    },
    sumUp() {
      if (!measured || measured.rows === 0) return;
      const total = meter.total(now().getTime());
      show(total);
      say(totalLine(total, startedAtMs));
      measured = null;
    },
    hasChanged() {
      refresh();
      return changed.log || changed.streams || changed.tables || changed.progress;
    },
    take() {
      refresh();
      const kept = all();
      const taken: KeptRecord = {
        ...(changed.log ? { logTail: kept.logTail, logLines: kept.logLines } : {}),
        ...(changed.streams ? { streamStats } : {}),
        ...(changed.tables ? { tableStats } : {}),
        ...(changed.progress ? { progress } : {}),
      };
      Object.assign(changed, { log: false, streams: false, tables: false, progress: false });
      return taken;
    },
    giveBack: () => void Object.assign(changed, { log: true, streams: true, tables: true, progress: true }),
    all,
  };
}

function readByStream(tables: readonly TableStats[]): Record<string, { rows: number }> {
  const streams: Record<string, { rows: number }> = {};
  for (const { stream, read } of tables) streams[stream] = { rows: (streams[stream]?.rows ?? 0) + read };
  return streams;
}
