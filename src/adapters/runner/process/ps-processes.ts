import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessRow } from './process-row.ts';

const COLUMNS = 'pid=,ppid=,pgid=,rss=,time=,lstart=';
const PS_TIMEOUT_MS = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Asks `ps`, where there is no /proc (macOS). It knows neither sessions nor what reaped children have used. null: there is no `ps` either. */
export async function readProcessesWithPs(): Promise<readonly ProcessRow[] | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-axo', COLUMNS], {
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      timeout: PS_TIMEOUT_MS,
      maxBuffer: MAX_BYTES,
    });
    return parsePs(stdout);
  } catch {
    return null;
  }
}

const LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+([\d:.-]+)\s+(.+?)\s*$/;

/** What `ps -axo pid=,ppid=,pgid=,rss=,time=,lstart=` prints. */
export function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, group, rssKb, time = '', startedAt = ''] = LINE.exec(line) ?? [];
    if (pid === undefined) return [];
    return [
      {
        pid: Number(pid),
        startedAt,
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        memoryBytes: Number(rssKb) * 1024,
        cpuS: secondsOf(time),
        mark: null,
      },
    ];
  });
}

/** "1:02.50" (macOS), "01:02:03", "2-01:02:03". */
function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number(days) * 86_400 + seconds;
}
