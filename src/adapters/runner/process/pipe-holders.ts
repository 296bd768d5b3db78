import { readlinkSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import type { ProcessRow } from './process-row.ts';
import type { ProcessTable } from './process-table.ts';

/** The ends of its output a child was given, by which a process is known that left everything else behind: Linux' names of them. */
export type PipeEnds = ReadonlySet<string>;

const ROUNDS = 5;

/** Asked right after its start: later it may have closed them. Empty where there is no /proc. */
export function pipeEndsOf(pid: number): PipeEnds {
  return new Set([1, 2].flatMap((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`)));
}

/** Kills every process that still holds one of them, but none of our own session. */
export async function endHolders(ends: PipeEnds, table: ProcessTable): Promise<void> {
  if (ends.size === 0) return;
  for (let round = 0; round < ROUNDS; round++) {
    const holders = await holdersOf(ends, (await table.read()) ?? []);
    if (holders.length === 0) return;
    for (const { pid } of holders) kill(pid);
  }
}

async function holdersOf(ends: PipeEnds, rows: readonly ProcessRow[]): Promise<ProcessRow[]> {
  const ownSession = rows.find(({ pid }) => pid === process.pid)?.session;
  const holders: ProcessRow[] = [];
  for (const row of rows.filter(({ session }) => session !== ownSession))
    if (await holds(row.pid, ends)) holders.push(row);
  return holders;
}

async function holds(pid: number, ends: PipeEnds): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const target = await readlink(`${folder}/${descriptor}`).catch(() => '');
    if (ends.has(target)) return true;
  }
  return false;
}

/** Only what was made for this child: a pipe or a socket, never a file or a device everybody opens. */
function linkOf(path: string): string[] {
  try {
    const target = readlinkSync(path);
    return /^(?:socket|pipe):/.test(target) ? [target] : [];
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already, or another user's
  }
}
