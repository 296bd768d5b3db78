import { readFileSync, readlinkSync } from 'node:fs';
import { parseStat } from './linux-processes.ts';

const PREFIX = 'ivory-run-';

/** Names a folder after this process: its pid, and what tells it from another one with the same pid, on this machine or in another container. */
export function workFolderPrefix(): string {
  return `${PREFIX}${pidNamespace()}-${process.pid}-${startOf(process.pid) ?? 0}-`;
}

/** Whether a name is that of a work folder whose process has ended. What another container made is not ours to judge. */
export function isAbandoned(name: string): boolean {
  const [, namespace, pid, start] = new RegExp(`^${PREFIX}(\\d+)-(\\d+)-(\\d+)-`).exec(name) ?? [];
  if (namespace !== pidNamespace() || pid === undefined) return false;
  return namespace === '0' ? !exists(Number(pid)) : startOf(Number(pid)) !== start;
}

/** '0' where there is no /proc. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

function startOf(pid: number): string | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'), 1)?.startedAt ?? null;
  } catch {
    return null;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
