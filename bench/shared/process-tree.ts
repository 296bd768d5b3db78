import { readdirSync, readFileSync } from 'node:fs';
import { peakRssMbOf } from './measured-process.ts';

const LOOK_MS = 100;

/**
 * Watches a process and everything it started until stop(), which answers the highest memory of one process under each label, MB.
 * Empty where the system has no /proc.
 */
export function watchTree(
  root: number,
  labelOf: (command: string) => string,
): { stop(): Record<string, number> } {
  const peaks: Record<string, number> = {};
  const look = () => {
    for (const { pid, command } of processesUnder(root)) {
      const label = labelOf(command);
      peaks[label] = Math.max(peaks[label] ?? 0, peakRssMbOf(pid) ?? 0);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return peaks;
    },
  };
}

function processesUnder(root: number): { pid: number; command: string }[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const parent = parentOf(name);
      return parent === null ? [] : [{ pid: Number(name), parent }];
    });
  const found = new Set([root]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found].map((pid) => ({ pid, command: commandOf(pid) }));
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
