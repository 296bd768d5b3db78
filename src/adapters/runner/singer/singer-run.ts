import type { Pool } from '../../../db/client.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../ports/runner.ts';
import type { LoadResult } from '../../../singer/load.ts';
import type { ChildSpec } from '../process/child-process.ts';
import { createErrorTail } from '../process/error-tail.ts';
import { type ExitProblem, exitProblem } from '../process/exit-text.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';
import { loadFromChild } from './load-from-child.ts';

export interface SingerRun {
  host: ProcessHost;
  pool: Pool;
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
  idleTimeoutMs: number;
  child: ChildSpec;
  /** Takes the secrets out of what the tap says. */
  redact: Redact;
}

/**
 * Pipes a tap into the loader and watches both: when either ends, the run ends. A tap that failed after the loader has made a new state
 * durable is `partial`; without progress it is `failed`. Throws what the loader throws.
 */
export async function loadFromTap(run: SingerRun): Promise<RunOutcome> {
  const errors = createErrorTail(run.redact);
  const child = run.host.start({ ...run.child, onStderr: errors.watch(run.child.onStderr) });
  const idle = createIdleTimer(child, run.idleTimeoutMs);
  try {
    const [loaded, exit] = await Promise.all([
      loadFromChild({ ...run, child, source: child.stdout }),
      child.exited,
    ]);
    const problem = exitProblem(exit, {
      who: 'The tap',
      idle: idle.fired() ? idle.message : null,
      lastWords: errors.text(),
    });
    return outcomeOf(run.spec, loaded, problem);
  } finally {
    idle.clear();
    await child.kill();
  }
}

function outcomeOf(spec: RunSpec, loaded: LoadResult, problem: ExitProblem | null): RunOutcome {
  const counts = { rowsWritten: loaded.rows, state: loaded.state, streams: loaded.streams };
  if (problem === null) return { status: 'completed', ...counts };
  const progressed = loaded.state !== null && loaded.state !== spec.state;
  return { status: progressed ? 'partial' : 'failed', ...counts, ...problem };
}
