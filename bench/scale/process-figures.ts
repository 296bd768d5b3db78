import { readdirSync } from 'node:fs';
import { statFields } from '../../src/embedded/process-identity.ts';
import { cpuSecondsOf, peakRssMbOf } from '../shared/measured-process.ts';

export interface ProcessFigures {
  /** Seconds of processor per label, of the user and of the system. */
  cpuS: Record<string, number>;
  /** The highest memory of one process per label so far, MB. */
  peakMb: Record<string, number>;
}

export interface Watched {
  label: string;
  pid: number;
  /** What it starts is counted: under its own label, or under this one. */
  children: string;
}

/** What the kernel has counted of these processes and of those they started, ended ones included. */
export function figuresOf(processes: readonly Watched[]): ProcessFigures {
  const cpuS: Record<string, number> = {};
  const peakMb: Record<string, number> = {};
  const add = (label: string, seconds: number) => {
    cpuS[label] = (cpuS[label] ?? 0) + seconds;
  };
  const children = childrenByParent();
  for (const { label, pid, children: childLabel } of processes) {
    add(label, cpuSecondsOf(pid) ?? 0);
    add(childLabel, reapedSecondsOf(pid));
    peakMb[label] = Math.max(peakMb[label] ?? 0, peakRssMbOf(pid) ?? 0);
    for (const child of children.get(pid) ?? []) {
      add(childLabel, (cpuSecondsOf(child) ?? 0) + reapedSecondsOf(child));
      peakMb[childLabel] = Math.max(peakMb[childLabel] ?? 0, peakRssMbOf(child) ?? 0);
    }
  }
  return { cpuS, peakMb };
}

/** What was used between two looks. */
export function cpuBetween(before: ProcessFigures, after: ProcessFigures): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after.cpuS).map(([label, seconds]) => [label, seconds - (before.cpuS[label] ?? 0)]),
  );
}

const TICKS_A_SECOND = 100;

/** Of the children it has waited for, and theirs: [13..14] of the fields of its stat. */
function reapedSecondsOf(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields?.[13] ?? 0) + Number(fields?.[14] ?? 0)) / TICKS_A_SECOND;
}

function childrenByParent(): Map<number, number[]> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.flatMap((name) => {
    const parent = statFields(Number(name))?.[1];
    return parent === undefined ? [] : [{ pid: Number(name), parent: Number(parent) }];
  });
  const byParent = Map.groupBy(found, ({ parent }) => parent);
  return new Map([...byParent].map(([parent, own]) => [parent, own.map(({ pid }) => pid)]));
}
