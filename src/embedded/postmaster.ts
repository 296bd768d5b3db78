import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { UnavailableError } from '../errors.ts';
import { isAlive, workingFolderOf } from './process-identity.ts';
import { type Launcher, PLAIN_ENVIRONMENT } from './run-as.ts';

export interface Postmaster {
  pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

export interface PostmasterOptions {
  binary: string;
  dir: string;
  launcher: Launcher;
  settings: Record<string, string>;
  log(line: string): void;
}

const START_TIMEOUT_MS = 60_000;
const FAST_STOP_MS = 10_000;
const IMMEDIATE_STOP_MS = 5_000;
const POLL_MS = 20;
const KEPT_LINES = 20;

/**
 * Starts the server in a process group of its own, so that Ctrl-C reaches only us, and resolves once it takes connections.
 * Throws UnavailableError `dev.postgres_failed` with its last words.
 */
export async function startPostmaster({
  binary,
  dir,
  launcher,
  settings,
  log,
}: PostmasterOptions): Promise<Postmaster> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { file, args, options } = launcher.command(binary, ['-D', dir, ...flags]);
  const child = spawn(file, args, {
    ...options,
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await untilStarted(child, dir, exited, log);
  const pid = child.pid ?? 0;
  const guard = stopWhenWeDie(pid);
  exited.then(() => guard.kill('SIGKILL'));
  letGo(child, child.stderr);
  return { pid, exited, stop: () => stopProcess(pid, exited) };
}

/** A postmaster of a process that was killed goes on alone, and its pid file may name a stranger's pid by now. Both end here. */
export async function endLeftover(dir: string): Promise<void> {
  const pid = readPid(dir);
  if (pid === null) return;
  const folder = workingFolderOf(pid);
  const strange = folder !== null && folder !== realpathSync(dir);
  if (isAlive(pid) && !strange) return stopProcess(pid, untilGone(pid));
  rmSync(join(dir, 'postmaster.pid'), { force: true });
}

function readPid(dir: string): number | null {
  const pid = Number(pidFileLines(dir)[0]);
  return pid > 0 ? pid : null;
}

function pidFileLines(dir: string): string[] {
  try {
    return readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Fast shutdown, then immediate, then none to be had. */
async function stopProcess(pid: number, gone: Promise<void>): Promise<void> {
  const steps = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const;
  for (const [signal, boundMs] of steps) {
    if (!isAlive(pid)) return;
    process.kill(pid, signal);
    const bound = new AbortController();
    await Promise.race([gone, wait(boundMs, undefined, { signal: bound.signal }).catch(() => {})]);
    bound.abort();
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await wait(POLL_MS);
}

async function untilStarted(
  child: ChildProcess,
  dir: string,
  exited: Promise<void>,
  log: (line: string) => void,
): Promise<void> {
  const last = keepLastLines(child, log);
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  for (const deadline = Date.now() + START_TIMEOUT_MS; !gone && Date.now() < deadline; await wait(POLL_MS)) {
    if (isReady(dir, child.pid)) return;
  }
  child.kill('SIGKILL');
  const why = gone ? 'it ended' : `not within ${START_TIMEOUT_MS / 1000} s`;
  throw new UnavailableError('dev.postgres_failed', `Postgres did not start (${why}): ${last.join(' | ')}`);
}

function keepLastLines(child: ChildProcess, log: (line: string) => void): string[] {
  const last: string[] = [];
  if (!child.stderr) return last;
  createInterface({ input: child.stderr }).on('line', (line) => {
    log(line);
    last.push(line);
    if (last.length > KEPT_LINES) last.shift();
  });
  return last;
}

/** The eighth line of the pid file is the server's own word for its state, what pg_ctl waits for too. */
function isReady(dir: string, pid: number | undefined): boolean {
  const lines = pidFileLines(dir);
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** Its input ends when this process ends, however that happens: then it stops the server. */
function stopWhenWeDie(pid: number): ChildProcess {
  const script = 'cat >/dev/null; kill -INT "$0"; sleep 10; kill -QUIT "$0"';
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], {
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  letGo(guard, guard.stdin);
  return guard;
}

/** A server nobody stops must not keep this process from ending. */
function letGo(child: ChildProcess, pipe: unknown): void {
  child.unref();
  if (pipe instanceof Socket) pipe.unref();
}
