import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Child, ChildSpec, Ending } from './child.ts';
import { endOutput } from './end-output.ts';
import { eachLine } from './lines.ts';
import { createLaunchWatch, notSpawned } from './not-started.ts';
import type { OrphanGuard, Watched } from './orphan-guard.ts';
import { endHolders, pipeEndsOf } from './pipe-holders.ts';
import { CHILD_MARK } from './process-row.ts';
import type { ProcessTable } from './process-table.ts';
import { createProcessTree, type ProcessTree } from './process-tree.ts';

/** What goes before its command, and whether that is a sandbox. */
export interface Wrapping {
  prefix: readonly string[];
  sandboxed: boolean;
}

/** What all children of a host share. */
export interface Surroundings {
  table: ProcessTable;
  guard: OrphanGuard;
}

export interface LaunchedChild extends Omit<Child, 'exited' | 'usage'> {
  exited: Promise<Ending>;
  /** null: it could not be started. */
  tree: ProcessTree | null;
}

const GRACE_MS = 3_000;
/** A process that left the group may hold the pipe open for ever. */
const DRAIN_MS = 2_000;

/**
 * Starts a program in a process group of its own, without a shell. Nothing it has started outlives it, nor this process, even one that is
 * killed.
 */
export function launchChild(
  spec: ChildSpec,
  { table, guard }: Surroundings,
  wrapping: Wrapping,
): LaunchedChild {
  const mark = randomUUID();
  const watched = guard.watch({ mark, folder: spec.scratch });
  const { child, stdout, stderr, status } = orRelease(watched, () => spawnMarked(spec, wrapping, mark));
  const { tree, ends } = follow(child.pid, { mark, table, watched, ...wrapping });
  const launch = createLaunchWatch(wrapping.sandboxed, status);
  const log = eachLine(stderr, launch.watch(spec.onStderr));
  let isGone = false;
  let stopped = false;
  const exit = new Promise<Ending>((resolve, reject) => {
    child.once('error', (cause) => reject(notSpawned(cause)));
    child.once('exit', (code, signal) => {
      isGone = true;
      keepUnread(stdout);
      resolve({ ...(wrapping.sandboxed ? unwrapped(code, signal) : { code, signal }), stopped });
    });
  });
  const exited = exit.then(async (ending) => {
    await tree?.destroy();
    if (!wrapping.sandboxed && isOpen(stdout, stderr)) await endHolders(ends, table);
    if (stdout instanceof Socket) void endOutput(stdout);
    watched.release();
    await drained(log, stderr);
    if (!stopped) await launch.assertStarted(ending.code);
    return ending;
  });
  exited.catch(() => {});
  return {
    stdout,
    exited,
    tree,
    async kill(graceMs = GRACE_MS) {
      let timer: NodeJS.Timeout | undefined;
      if (!isGone && tree !== null) {
        stopped = true;
        timer = setTimeout(() => void tree.destroy(), graceMs);
        await (graceMs > 0 ? tree.terminate() : tree.destroy());
      }
      stdout.off('readable', unread).resume();
      await Promise.allSettled([exited]);
      clearTimeout(timer);
      await drained(finished(stdout), stdout);
    },
  };
}

function isOpen(...outputs: readonly Readable[]): boolean {
  return outputs.some((output) => !output.readableEnded && !output.destroyed);
}

/** Node empties the pipe of a process that is gone into nothing, unless somebody listens: its reader may only be on its way. */
function keepUnread(stdout: Readable): void {
  if (stdout.readableFlowing !== true) stdout.on('readable', unread);
}

function unread(): void {}

function spawnMarked({ command, cwd, env }: ChildSpec, { prefix, sandboxed }: Wrapping, mark: string) {
  const [program = '', ...args] = [...prefix, ...command];
  const child = spawn(program, args, {
    cwd,
    env: { ...env, [CHILD_MARK]: mark },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(sandboxed ? ['pipe' as const] : [])],
  });
  const { stdout, stderr } = child;
  const status = child.stdio[3] instanceof Readable ? child.stdio[3] : null;
  if (stdout === null || stderr === null) throw new Error('a child without pipes');
  return { child, stdout, stderr, status };
}

function orRelease<T>(watched: Watched, start: () => T): T {
  try {
    return start();
  } catch (error) {
    watched.release();
    throw error;
  }
}

interface Followed extends Wrapping, Pick<Surroundings, 'table'> {
  mark: string;
  watched: Watched;
}

function follow(pid: number | undefined, { mark, table, watched, sandboxed }: Followed) {
  if (pid === undefined) {
    watched.release();
    return { tree: null, ends: new Set<string>() };
  }
  watched.started(pid);
  sacrificeFirst(pid);
  return { tree: createProcessTree({ root: pid, mark, table, sandboxed }), ends: pipeEndsOf(pid) };
}

/** When the machine runs out of memory, a tap is to be ended and not the worker that runs many. */
function sacrificeFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '500');
  } catch {
    // no Linux, or gone already
  }
}

/** The sandbox ends with the code a shell would give its program's signal: 137 is SIGKILL. */
function unwrapped(code: number | null, signal: NodeJS.Signals | null): Omit<Ending, 'stopped'> {
  const sent = Object.entries(constants.signals).find(([, number]) => code === 128 + number);
  return sent ? { code: null, signal: sent[0] as NodeJS.Signals } : { code, signal };
}

async function drained(end: Promise<void>, stream: Readable): Promise<void> {
  const timer = setTimeout(() => stream.destroy(), DRAIN_MS);
  await end.catch(() => {});
  clearTimeout(timer);
}
