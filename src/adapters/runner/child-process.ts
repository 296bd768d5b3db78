import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { eachLine } from './lines.ts';

export interface ChildSpec {
  command: readonly [string, ...string[]];
  cwd: string;
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  /** Called for every line on stderr. */
  onStderr(line: string): void;
}

export interface Child {
  stdout: Readable;
  /** Exit code, or the signal's name. Settles when the process is gone and its output drained. */
  exited: Promise<ChildExit>;
  /** Ends the whole process group: SIGTERM, after the grace SIGKILL. Resolves when it is gone. */
  kill(graceMs?: number): Promise<void>;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const GRACE_MS = 5_000;

/** Starts a program in a process group of its own, without a shell. Rejects `exited` when it cannot be started. */
export function startChild({ command: [program, ...args], cwd, env, onStderr }: ChildSpec): Child {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = eachLine(child.stderr, onStderr);
  const exit = new Promise<ChildExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const exited = exit.then(async (result) => {
    signalGroup(child.pid, 'SIGKILL');
    await stderr;
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
      await Promise.allSettled([exited, finished(child.stdout)]);
      clearTimeout(timer);
    },
  };
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
