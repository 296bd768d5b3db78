import { readdirSync, readFileSync } from 'node:fs';
import { CHILD_MARK, type ProcessRow } from './process-row.ts';

/** What Linux tells programs (USER_HZ), whatever the kernel counts in. */
const TICKS_PER_S = 100;
const PAGE_SIZES = [4096, 16_384, 65_536];
const MARK = new RegExp(`(?:^|\\0)${CHILD_MARK}=([^\\0]*)`);

/** Answers a reader of /proc: one small file a process; the environment of each only once. */
export function readLinuxProcesses(): () => Promise<readonly ProcessRow[] | null> {
  const pageBytes = findPageBytes();
  let marks = new Map<string, string | null>();
  return async () => {
    const seen = new Map<string, string | null>();
    const rows: ProcessRow[] = [];
    for (const name of processNames()) {
      const row = parseStat(readProc(name, 'stat'), pageBytes);
      if (row === null) continue;
      const key = `${row.pid} ${row.startedAt}`;
      const mark = marks.has(key) ? (marks.get(key) ?? null) : markOf(name);
      seen.set(key, mark);
      rows.push({ ...row, mark });
    }
    marks = seen;
    return rows.length > 0 ? rows : null;
  };
}

/** One line of /proc/<pid>/stat (proc_pid_stat(5)); null when the process is gone or only waits to be reaped. */
export function parseStat(line: string, pageBytes: number): Omit<ProcessRow, 'mark'> | null {
  // the name is the program's own choice: it may hold blanks and brackets
  const nameEnd = line.lastIndexOf(')');
  const fields = line.slice(nameEnd + 2).split(' ');
  const state = fields[0] ?? '';
  if (nameEnd < 0 || state === 'Z' || state === 'X') return null;
  const number = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    pid: Number.parseInt(line, 10),
    startedAt: fields[22 - 3] ?? '',
    parent: number(4),
    group: number(5),
    session: number(6),
    memoryBytes: number(24) * pageBytes,
    cpuS: (number(14) + number(15) + number(16) + number(17)) / TICKS_PER_S,
  };
}

/** Node does not tell the size of a page, but its own memory in bytes, and /proc the same in pages. */
function findPageBytes(): number {
  const own = parseStat(readProc('self', 'stat'), 1);
  const ratio = process.memoryUsage.rss() / (own?.memoryBytes || Number.POSITIVE_INFINITY);
  return PAGE_SIZES.findLast((size) => ratio > size / 2) ?? 4096;
}

function processNames(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function markOf(pid: string): string | null {
  return MARK.exec(readProc(pid, 'environ'))?.[1] ?? null;
}

/** '' for what is gone, or another user's. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}
