import type { RunRow } from '../../db/queries/run-claims.ts';
import type { KeptRecord } from '../../db/queries/run-log.ts';
import { createLogTail, ownLine } from '../../domain/log-tail.ts';
import type { StatsByStream, TableStats } from '../../domain/stats.ts';

/** What a worker keeps of a run while it works on it: its log, and its counts so far. */
export interface RunRecord {
  /** A line of the tap. */
  log(line: string): void;
  /** A line of Ivory's own: what happened to the run. */
  say(text: string): void;
  progress(stats: StatsByStream): void;
  tables(stats: readonly TableStats[]): void;
  hasChanged(): boolean;
  /** What has changed since it was last taken. */
  take(): KeptRecord;
  /** What was taken last could not be stored. */
  giveBack(): void;
  all(): Required<KeptRecord>;
}

/** Goes on from what the run's row holds. */
export function createRunRecord(run: RunRow, now: () => Date): RunRecord {
  const tail = createLogTail(undefined, { text: run.logTail, lines: run.logLines });
  let { streamStats, tableStats } = run;
  const changed = { log: false, streams: false, tables: false };

  const all = () => ({ streamStats, tableStats, logTail: tail.text(), logLines: tail.lines() });
  const log = (line: string) => {
    tail.add(line);
    changed.log = true;
  };
  return {
    log,
    say: (text) => log(ownLine(now(), text)),
    progress(stats) {
      streamStats = stats;
      changed.streams = true;
    },
    tables(stats) {
      tableStats = [...stats];
      changed.tables = true;
    },
    hasChanged: () => changed.log || changed.streams || changed.tables,
    take() {
      const kept = all();
      const taken: KeptRecord = {
        ...(changed.log ? { logTail: kept.logTail, logLines: kept.logLines } : {}),
        ...(changed.streams ? { streamStats } : {}),
        ...(changed.tables ? { tableStats } : {}),
      };
      Object.assign(changed, { log: false, streams: false, tables: false });
      return taken;
    },
    giveBack: () => void Object.assign(changed, { log: true, streams: true, tables: true }),
    all,
  };
}
