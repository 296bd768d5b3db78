import type { RunHooks, Runner, RunOutcome, RunSpec } from '../../src/ports/runner.ts';

type Script = (spec: RunSpec, hooks: RunHooks, signal: AbortSignal) => Promise<RunOutcome>;

/** A runner that does what the test says. */
export function createScriptedRunner(script: Script, probes: Partial<Probes> = {}): Runner {
  const check: Runner['check'] = async () => ({ ok: true });
  const discover: Runner['discover'] = async () => ({ ok: true, streams: [] });
  return { type: 'custom', assertTap() {}, execute: script, check, discover, ...probes };
}

type Probes = Pick<Runner, 'check' | 'discover'>;

export const DONE: RunOutcome = {
  status: 'completed',
  rowsWritten: 3,
  state: '{"a":1}',
  streams: { s: { rows: 3, bytes: 30 } },
};

/** A runner that works until it is told to stop, and says when it has begun. */
export function createEndlessRunner(): { runner: Runner; begun: Promise<RunSpec>; stopped: Promise<void> } {
  const begun = Promise.withResolvers<RunSpec>();
  const stopped = Promise.withResolvers<void>();
  const runner = createScriptedRunner(async (spec, _hooks, signal) => {
    begun.resolve(spec);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    stopped.resolve();
    throw signal.reason;
  });
  return { runner, begun: begun.promise, stopped: stopped.promise };
}
