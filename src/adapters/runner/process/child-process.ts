import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import { eachLine } from './lines.ts';
import { guardOrphans } from './orphan-guard.ts';

export interface ChildSpec {
  command: readonly [string, ...string[]];
  cwd: string;
  /** A folder with the run's secrets, removed should this process be killed before it can do so. */
  scratch?: string;
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  /** Called for every line on stderr. */
  onStderr(line: string): void;
}

export interface Child {
  stdout: Readable;
  /** Exit code, or the signal's name. Settles when the process is gone and its output drained. */
  exited: Promise<ChildExit>;
  /** Ends the whole process group: SIGTERM, after the grace SIGKILL. Resolves when it is gone; nobody else's hold on its pipes matters. */
  kill(graceMs?: number): Promise<void>;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const GRACE_MS = 3_000;
/** A process that left the group may hold the pipe open for ever. */
const DRAIN_MS = 2_000;

/**
 * Starts a program in a process group of its own, without a shell; the group does not outlive this process, even one that is killed.
 * Rejects `exited` when it cannot be started.
 */
export function startChild({ command: [program, ...args], cwd, scratch, env, onStderr }: ChildSpec): Child {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const guard = child.pid === undefined ? null : guardOrphans(child.pid, scratch);
  const stderr = eachLine(child.stderr, onStderr);
  const exit = new Promise<ChildExit>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(cause)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const exited = exit.then(async (result) => {
    signalGroup(child.pid, 'SIGKILL');
    guard?.release();
    await drained(stderr, child.stderr);
    return result;
  });
  exited.catch(() => {});
  return {
    stdout: child.stdout,
    exited,
    async kill(graceMs = GRACE_MS) {
      signalGroup(child.pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
      child.stdout.resume();
      await Promise.allSettled([exited]);
      clearTimeout(timer);
      await drained(finished(child.stdout), child.stdout);
    },
  };
}

async function drained(end: Promise<void>, stream: Readable): Promise<void> {
  const timer = setTimeout(() => stream.destroy(), DRAIN_MS);
  await end.catch(() => {});
  clearTimeout(timer);
}

const NO_PROGRAM = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC', 'EPERM', 'ELOOP']);

function notStarted(cause: NodeJS.ErrnoException): AppError {
  const code = cause.code ?? 'no reason given';
  return NO_PROGRAM.has(code)
    ? new InvalidError('tap.not_started', `The tap's program cannot be started (${code}); is it installed?`, {
        cause,
      })
    : new UnavailableError('runner.no_process', `No process could be started for the tap (${code}).`, {
        cause,
      });
}

/** Signals every process of the group; one that is gone already is no error. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
