import { constants } from 'node:os';
import { InvalidError } from '../../../errors.ts';
import { type Bubblewrap, findBubblewrap } from './bubblewrap.ts';
import type { Child, ChildSpec, Ending } from './child.ts';
import { refusedChild } from './child-process.ts';
import { findProgram } from './find-program.ts';
import { hardLimits } from './hard-limits.ts';
import { launchChild, type Wrapping } from './launch-child.ts';
import { noProgram } from './not-started.ts';
import { createOrphanGuard } from './orphan-guard.ts';
import { pathsToRun } from './paths-to-run.ts';
import { createProcessTable } from './process-table.ts';

import { NOTHING_KNOWN, type PassedLimit, type ProcessLimits, type ProcessUsage } from './usage.ts';
import { createUsageWatch } from './usage-watch.ts';

export type { ProcessLimits } from './usage.ts';

/** 'auto': bubblewrap where it is installed and works; 'bwrap': nothing runs without it; 'off': never. */
export type SandboxMode = 'auto' | 'bwrap' | 'off';

/** Starts the programs of runners, each within the installation's limits. */
export interface ProcessHost {
  start(spec: ChildSpec): Child;
  /** What a person should know of how programs run here; null: nothing. */
  caution(): string | null;
}

export interface ProcessHostOptions {
  limits: ProcessLimits;
  sandbox: SandboxMode;
  /** Where bubblewrap is looked for. */
  path?: string;
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Builds the host all runners of a process share. */
export function createProcessHost({ limits, sandbox, path = SYSTEM_PATH }: ProcessHostOptions): ProcessHost {
  const table = createProcessTable();
  const guard = createOrphanGuard();
  const watch = createUsageWatch(table, limits);
  const prefix = once(() => hardLimits(limits));
  const bubblewrap = once(() => (sandbox === 'off' ? null : findBubblewrap(path)));

  return {
    caution: () => (sandbox === 'auto' && bubblewrap() === null ? UNSANDBOXED : null),
    start(spec) {
      const program = findProgram(spec.command[0], spec.env['PATH']);
      if (program === null) return refusedChild(noProgram('ENOENT'));
      if (sandbox === 'bwrap' && bubblewrap() === null) return refusedChild(noSandbox());
      const wrapped = wrapping(spec, prefix(), bubblewrap());
      const child = launchChild(spec, { table, guard }, wrapped);
      let passed: PassedLimit | null = null;
      const reading =
        child.tree &&
        watch.add({
          tree: child.tree,
          folder: spec.scratch,
          onPassed(limit) {
            passed = limit;
            void child.kill(0);
          },
        });
      const usage = () => reading?.usage() ?? NOTHING_KNOWN;
      const exited = child.exited
        .finally(() => reading?.stop())
        .then((ending) => ({
          ...ending,
          usage: usage(),
          limits,
          sandboxed: wrapped.sandboxed,
          passed: passed ?? passedInKernel(ending, usage(), limits),
        }));
      exited.catch(() => {});
      return { stdout: child.stdout, exited, kill: child.kill, usage };
    },
  };
}

function wrapping(spec: ChildSpec, prefix: readonly string[], bubblewrap: Bubblewrap | null): Wrapping {
  if (bubblewrap === null) return { prefix, sandboxed: false };
  const view = {
    cwd: spec.cwd,
    readable: [...pathsToRun(spec.command.slice(0, 1), spec.env['PATH']), ...(spec.readable ?? [])],
    writable: [...(spec.scratch === undefined ? [] : [spec.scratch]), ...(spec.writable ?? [])],
  };
  return { prefix: [...prefix, ...bubblewrap.wrap(view)], sandboxed: true };
}

/** The kernel's own limit came before ours; a shell in between tells of the signal in its exit code. */
function passedInKernel(
  { code, signal }: Ending,
  usage: ProcessUsage,
  limits: ProcessLimits,
): PassedLimit | null {
  const met = (name: 'SIGXCPU' | 'SIGXFSZ') => signal === name || code === 128 + constants.signals[name];
  if (met('SIGXCPU'))
    return { limit: 'cpu', used: Math.max(usage.cpuS ?? 0, limits.cpuS), allowed: limits.cpuS };
  if (met('SIGXFSZ'))
    return {
      limit: 'disk',
      used: Math.max(usage.diskBytes ?? 0, limits.diskBytes),
      allowed: limits.diskBytes,
    };
  return null;
}

const UNSANDBOXED = 'runs without a sandbox: bubblewrap is not installed or does not work here';

function noSandbox(): InvalidError {
  return new InvalidError(
    'runner.no_sandbox',
    'This runner starts taps in bubblewrap only (RUNNER_SANDBOX=bwrap), and bubblewrap is not installed on it or does not work there.',
  );
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
