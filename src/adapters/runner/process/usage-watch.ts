import { folderBytes } from './folder-size.ts';
import type { ProcessRow } from './process-row.ts';
import type { ProcessTable } from './process-table.ts';
import type { ProcessTree } from './process-tree.ts';
import {
  NOTHING_KNOWN,
  type PassedLimit,
  type ProcessLimits,
  type ProcessUsage,
  passedLimit,
} from './usage.ts';

/** Looks at what children use, all of them in one look, as long as there are any. */
export interface UsageWatch {
  add(watched: Watched): UsageReading;
}

export interface Watched {
  tree: ProcessTree;
  /** Counted against the limit of disk; undefined: nothing is. */
  folder: string | undefined;
  /** Called once. */
  onPassed(passed: PassedLimit): void;
}

export interface UsageReading {
  usage(): ProcessUsage;
  stop(): void;
}

interface Pace {
  pauseMs: number;
  /** However many processes or files there are, looking at them takes at most this part of the time. */
  share: number;
}

const PROCESS_PACE: Pace = { pauseMs: 250, share: 1 / 20 };
const FOLDER_PACE: Pace = { pauseMs: 500, share: 1 / 5 };

export function createUsageWatch(table: ProcessTable, limits: ProcessLimits): UsageWatch {
  const looks = new Set<(rows: readonly ProcessRow[]) => void>();
  const ticker = createTicker(PROCESS_PACE, async () => {
    const rows = await table.read();
    if (rows !== null) for (const look of looks) look(rows);
  });

  return {
    add({ tree, folder, onPassed }) {
      let usage = NOTHING_KNOWN;
      const stop = () => {
        looks.delete(look);
        disk?.stop();
        if (looks.size === 0) ticker.stop();
      };
      const note = (news: Partial<ProcessUsage>) => {
        usage = { ...usage, ...news };
        const passed = passedLimit(usage, limits);
        if (passed === null) return;
        stop();
        onPassed(passed);
      };
      const meter = createMeter();
      const look = (rows: readonly ProcessRow[]) => note(meter(tree.membersOf(rows)));
      const disk = folder === undefined ? null : watchFolder(folder, limits.diskBytes, note);
      looks.add(look);
      ticker.start();
      disk?.start();
      return { usage: () => usage, stop };
    },
  };
}

function watchFolder(folder: string, enough: number, note: (news: Partial<ProcessUsage>) => void): Ticker {
  const ticker = createTicker(FOLDER_PACE, async () => {
    const diskBytes = await folderBytes(folder, enough, ticker.isRunning);
    if (ticker.isRunning()) note({ diskBytes });
  });
  return ticker;
}

/**
 * The peak of memory and the sum of processor time over looks. A parent that waits for its child takes over the child's time; that of a child
 * nobody waited for would be lost with it: the sum never gets smaller.
 */
function createMeter(): (members: readonly ProcessRow[]) => Partial<ProcessUsage> {
  let peakMemoryBytes = 0;
  let gone = 0;
  let cpuS = 0;
  return (members) => {
    const living = sum(members.map((row) => row.cpuS));
    gone = Math.max(gone, cpuS - living);
    cpuS = living + gone;
    peakMemoryBytes = Math.max(peakMemoryBytes, sum(members.map((row) => row.memoryBytes)));
    return members.length === 0 ? {} : { peakMemoryBytes, cpuS };
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface Ticker {
  start(): void;
  stop(): void;
  isRunning(): boolean;
}

/** Works again and again, with pauses of `pauseMs`, longer where the work is; keeps no process alive. */
function createTicker({ pauseMs, share }: Pace, work: () => Promise<void>): Ticker {
  let running = 0;
  let started = 0;
  let timer: NodeJS.Timeout | undefined;
  const next = (run: number, afterMs: number) => {
    timer = setTimeout(() => void turn(run), afterMs).unref();
  };
  const turn = async (run: number) => {
    const startedAt = performance.now();
    await work().catch(() => {});
    if (running === run) next(run, Math.max(pauseMs, (performance.now() - startedAt) / share));
  };
  return {
    start() {
      if (running > 0) return;
      started += 1;
      running = started;
      next(running, pauseMs);
    },
    stop() {
      running = 0;
      clearTimeout(timer);
    },
    isRunning: () => running > 0,
  };
}
