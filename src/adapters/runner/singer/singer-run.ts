import type { Pool } from '../../../db/client.ts';
import type { JsonText } from '../../../domain/lossless-json.ts';
import type { StatsByStream } from '../../../domain/stats.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../ports/runner.ts';
import { loadSinger } from '../../../singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../singer/load-settings.ts';
import type { Child, ChildSpec } from '../process/child-process.ts';
import { createErrorTail } from '../process/error-tail.ts';
import { type ExitProblem, exitProblem } from '../process/exit-text.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';
import { loadHooksOf } from './load-hooks.ts';

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

interface Loaded {
  rows: number;
  streams: StatsByStream;
  state: JsonText | null;
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
    const [loaded, exit] = await Promise.all([load(run, child), child.exited]);
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

/** Loads until the tap's output ends; a loader that fails takes the tap with it. */
async function load({ pool, spec, hooks, redact, signal }: SingerRun, child: Child): Promise<Loaded> {
  const onAbort = () => void child.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await loadSinger({
      source: child.stdout,
      pool,
      settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: spec.stagingSchema, loadId: String(spec.loadId) },
      hooks: loadHooksOf(hooks, redact),
      signal,
      sessionName: spec.stagingSession,
    });
  } catch (error) {
    await child.kill();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function outcomeOf(spec: RunSpec, loaded: Loaded, problem: ExitProblem | null): RunOutcome {
  const counts = { rowsWritten: loaded.rows, state: loaded.state, streams: loaded.streams };
  if (problem === null) return { status: 'completed', ...counts };
  const progressed = loaded.state !== null && loaded.state !== spec.state;
  return { status: progressed ? 'partial' : 'failed', ...counts, ...problem };
}
