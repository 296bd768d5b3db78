import { isDeepStrictEqual } from 'node:util';
import { type JsonText, parseLossless } from '../../../domain/lossless-json.ts';
import { InvalidError } from '../../../errors.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';
import { withChild } from '../process/with-child.ts';
import { type MeltanoCommand, meltanoChild } from './meltano-command.ts';
import { createPipelineLog } from './pipeline-log.ts';

/** Meltano's own commands over the state of a project that lives as long as its run. */
export interface MeltanoStates {
  /** `meltano state set` */
  set(state: JsonText): Promise<void>;
  /** `meltano state get`; null: it has none. */
  get(): Promise<JsonText | null>;
}

export interface MeltanoStatesOptions {
  host: ProcessHost;
  meltano: MeltanoCommand;
  stateId: string;
  redact: Redact;
  signal: AbortSignal;
  idleTimeoutMs: number;
}

/** Errors: InvalidError `meltano.failed` with Meltano's words; the signal's reason. */
export function createMeltanoStates(options: MeltanoStatesOptions): MeltanoStates {
  const { meltano, stateId } = options;
  return {
    async set(state) {
      const file = await meltano.folder.write('state-in.json', `{"singer_state":${state}}`);
      await output(options, ['state', 'set', '--force', stateId, '--input-file', file]);
    },
    async get() {
      const payload = parseLossless(await output(options, ['state', 'get', stateId]));
      const state = singerState(payload);
      return state === undefined ? null : JSON.stringify(state);
    },
  };
}

/** Whether two states say the same: Python writes some numbers another way. */
export function sameState(a: JsonText | null, b: JsonText | null): boolean {
  if (a === null || b === null) return a === b;
  return isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
}

function singerState(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || !('singer_state' in payload)) return undefined;
  return payload.singer_state;
}

async function output(
  { host, meltano, redact, signal, idleTimeoutMs }: MeltanoStatesOptions,
  args: readonly [string, string, ...string[]],
): Promise<string> {
  signal.throwIfAborted();
  const log = createPipelineLog({ tapName: '', redact, log() {} });
  const child = host.start({ ...meltanoChild(meltano, args), onStderr: log.take });
  const idle = createIdleTimer(child, idleTimeoutMs);
  return withChild(child, signal, async () => {
    const chunks: unknown[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk);
    const exit = await child.exited;
    signal.throwIfAborted();
    if (exit.code === 0) return chunks.map(String).join('');
    const ending = `meltano ${args[0]} ${args[1]} ended with ${exit.signal ?? `exit code ${exit.code}`}.`;
    const words = idle.fired() ? idle.message : log.lastWords('meltano');
    throw new InvalidError('meltano.failed', `${ending} ${words}`.trim());
  }).finally(idle.clear);
}
