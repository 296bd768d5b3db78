import { readdirSync, readFileSync } from 'node:fs';
import { cpuSecondsOf, peakRssMbOf } from './measured-process.ts';

const LOOK_MS = 100;

export interface TreeFigures {
  /** The highest memory of one process under each label, MB. */
  peakMb: Record<string, number>;
  /** Seconds of processor all processes of a label took while they were watched. */
  cpuS: Record<string, number>;
}

/** Watches a process and everything it started until stop(). Answers nothing where the system has no /proc. */
export function watchTree(root: number, labelOf: (command: string) => string): { stop(): TreeFigures } {
  const peakMb: Record<string, number> = {};
  const used = new Map<number, { label: string; from: number; to: number }>();
  const look = (first: boolean) => {
    for (const { pid, command } of processesUnder(root)) {
      const before = used.get(pid);
      // one that has ended has no command line any more
      const label = before && command === '' ? before.label : labelOf(command);
      peakMb[label] = Math.max(peakMb[label] ?? 0, peakRssMbOf(pid) ?? 0);
      const to = cpuSecondsOf(pid) ?? before?.to ?? 0;
      used.set(pid, { label, from: before?.from ?? (first ? to : 0), to });
    }
  };
  look(true);
  const timer = setInterval(() => look(false), LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look(false);
      const cpuS: Record<string, number> = {};
      for (const { label, from, to } of used.values()) cpuS[label] = (cpuS[label] ?? 0) + to - from;
      return { peakMb, cpuS };
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
