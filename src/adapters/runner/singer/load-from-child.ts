import type { Readable } from 'node:stream';
import type { Pool } from '../../../db/client.ts';
import type { RunHooks, RunSpec } from '../../../ports/runner.ts';
import { type LoadResult, loadSinger } from '../../../singer/load.ts';
import { DEFAULT_LOAD_SETTINGS, type LoadSettings } from '../../../singer/load-settings.ts';
import type { Child } from '../process/child.ts';
import type { Redact } from '../process/redaction.ts';
import { loadHooksOf } from './load-hooks.ts';

export interface ChildLoad {
  child: Child;
  /** Singer messages: the child's output, or what is made of it. */
  source: Readable;
  pool: Pool;
  spec: RunSpec;
  hooks: RunHooks;
  redact: Redact;
  signal: AbortSignal;
  settings?: Partial<LoadSettings>;
}

/** Loads a run's messages until they end; a loader that fails, and an abort, take the child with them. Throws what loadSinger throws. */
export async function loadFromChild({
  child,
  source,
  pool,
  spec,
  hooks,
  redact,
  signal,
  settings,
}: ChildLoad): Promise<LoadResult> {
  const onAbort = () => void child.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await loadSinger({
      source,
      pool,
      settings: {
        ...DEFAULT_LOAD_SETTINGS,
        targetSchema: spec.stagingSchema,
        loadId: String(spec.loadId),
        ...settings,
      },
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
