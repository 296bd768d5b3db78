import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';
import type { ChildSpec } from '../process/child-process.ts';
import { createErrorTail } from '../process/error-tail.ts';
import { exitProblem } from '../process/exit-text.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import { eachLine } from '../process/lines.ts';
import { withChild } from '../process/with-child.ts';
import type { TapWatch } from './tap-watch.ts';

/** A SCHEMA is often written before the source was asked anything: it proves nothing. */
const PROOFS = new Set(['RECORD', 'STATE', 'BATCH', 'ACTIVATE_VERSION']);

/**
 * Starts a sync and ends it at the first message that proves the source was read, or when it is over by itself.
 * Throws InvalidError `tap.failed` with the end of its log, `tap.killed` when it was silent for `idleTimeoutMs`, `tap.memory_limit` and the
 * like (exit-text.ts), `tap.invalid_message`; the signal's reason.
 */
export async function awaitFirstMessage(
  spec: ChildSpec,
  { host, redact, signal, idleTimeoutMs }: TapWatch,
): Promise<void> {
  const errors = createErrorTail(redact);
  const child = host.start({ ...spec, onStderr: errors.watch(spec.onStderr) });
  const idle = createIdleTimer(child, idleTimeoutMs);
  await withChild(child, signal, async () => {
    let first: string | null = null;
    await eachLine(child.stdout, (line) => {
      if (first !== null || line.trim() === '') return;
      const type = messageType(line);
      if (type === 'SCHEMA') return;
      first = type;
      void child.kill();
    });
    const exit = await child.exited;
    signal.throwIfAborted();
    if (first !== null) return assertProof(first);
    const problem = exitProblem(exit, {
      who: 'The tap',
      idle: idle.fired() ? idle.message : null,
      lastWords: errors.text(),
    });
    if (problem !== null) throw new InvalidError(problem.errorCode, problem.errorMsg);
  }).finally(idle.clear);
}

function assertProof(type: string): void {
  if (PROOFS.has(type)) return;
  throw new InvalidError('tap.invalid_message', 'The tap wrote a line that is no Singer message.');
}

/** '' where there is none. A line too long to be kept was cut by its reader: its type is looked for, and only records get that long. */
function messageType(line: string): string {
  if (line.endsWith('(line cut)')) return /"type"\s*:\s*"([A-Z_]+)"/.exec(line)?.[1] ?? 'RECORD';
  const parsed = Message.safeParse(parseJson(line));
  return parsed.data?.type ?? '';
}

const Message = z.object({ type: z.string() });

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
