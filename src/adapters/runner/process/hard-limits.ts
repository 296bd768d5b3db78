import { existsSync, readFileSync } from 'node:fs';
import type { ProcessLimits } from './usage.ts';

const PRLIMIT = ['/usr/bin/prlimit', '/bin/prlimit'];
const MAX_OPEN_FILES = 4096;
/** Our own count ends a child first and says so; the kernel's is there should this process not come to look. */
const CPU_MARGIN_S = 5;

/**
 * What goes before a command so that the kernel limits each of its processes too: processor time, size of a file, open files, no core
 * dumps (they hold secrets). Empty where util-linux' `prlimit` is not installed. Address space is not limited: Node, Java and Go reserve far more than they use.
 */
export function hardLimits({ cpuS, diskBytes }: ProcessLimits): readonly string[] {
  const prlimit = PRLIMIT.find((path) => existsSync(path));
  if (prlimit === undefined) return [];
  const most = ownHardLimits();
  const limits = [
    ['core', 'Max core file size', 0],
    ['cpu', 'Max cpu time', Math.ceil(cpuS) + CPU_MARGIN_S],
    ['fsize', 'Max file size', diskBytes],
    ['nofile', 'Max open files', MAX_OPEN_FILES],
  ] as const;
  // only lowered: raising what this process has itself needs rights
  const allowed = limits.filter(([, name, value]) => value <= (most.get(name) ?? 0));
  return [prlimit, ...allowed.map(([option, , value]) => `--${option}=${value}:${value}`), '--'];
}

/** /proc/self/limits: name, soft limit, hard limit, unit. */
function ownHardLimits(): ReadonlyMap<string, number> {
  const lines = readFileSync('/proc/self/limits', 'latin1').matchAll(
    /^(Max [a-z ]+?) {2,}(?:\d+|unlimited) +(\d+|unlimited)/gm,
  );
  return new Map(
    [...lines].map(([, name = '', hard]) => [
      name,
      hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard),
    ]),
  );
}
