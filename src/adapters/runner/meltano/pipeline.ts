import type { Socket } from 'node:net';
import type { RunHooks, RunSpec } from '../../../ports/runner.ts';
import type { ChildExit } from '../process/child.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';
import { type MeltanoCommand, meltanoChild } from './meltano-command.ts';
import { createPipelineLog, type PipelineLog } from './pipeline-log.ts';
import { blocks, type Project } from './project.ts';
import type { Relay } from './relay.ts';

export interface MeltanoRun {
  host: ProcessHost;
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
  redact: Redact;
  /** A pipeline that shows no sign of life for so long is ended. */
  idleTimeoutMs: number;
  meltano: MeltanoCommand;
  project: Project;
  relay: Relay;
}

export interface Pipelined<T> {
  /** What became of the messages; null: none came, the tap did not get as far. */
  taken: T | null;
  exit: ChildExit;
  log: PipelineLog;
  /** What is told of a tap that was ended for its silence. */
  idle: string | null;
}

/**
 * Runs `meltano run` and gives what the tap writes to `take`. When either fails the other is ended; no process is left. Throws what
 * `take` throws, and the signal's reason.
 */
export async function runPipeline<T>(
  run: MeltanoRun,
  take: (messages: Socket) => Promise<T>,
): Promise<Pipelined<T>> {
  const { host, hooks, signal, redact, relay } = run;
  signal.throwIfAborted();
  const log = createPipelineLog({ tapName: run.project.tap.name, redact, log: hooks.log });
  let isFlowing = false;
  const child = host.start({
    ...meltanoChild(run.meltano, [
      'run',
      '--no-install',
      '--state-strategy=overwrite',
      ...blocks(run.project),
    ]),
    onStderr(line) {
      // Before the first message a discovery may take its time and say so; then only messages count.
      if (!isFlowing) idle.touch();
      log.take(line);
    },
  });
  const idle = createIdleTimer(child, run.idleTimeoutMs);
  child.stdout.resume();
  const onAbort = () => void child.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const [taken, exit] = await Promise.all([takeMessages(), child.exited]);
    signal.throwIfAborted();
    return { taken, exit, log, idle: idle.fired() ? idle.message : null };
  } finally {
    idle.clear();
    signal.removeEventListener('abort', onAbort);
    await child.kill();
  }

  async function takeMessages(): Promise<T | null> {
    const socket = await Promise.race([relay.connection, child.exited.then(() => null)]);
    if (socket === null) return null;
    socket.on('data', () => {
      isFlowing = true;
      idle.touch();
    });
    socket.pause();
    try {
      return await take(socket);
    } catch (error) {
      await child.kill();
      throw error;
    }
  }
}
