import { InvalidError } from '../../../errors.ts';
import type { ChildSpec } from '../process/child-process.ts';
import { createErrorTail } from '../process/error-tail.ts';
import { exitProblem } from '../process/exit-text.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import { withChild } from '../process/with-child.ts';
import type { TapWatch } from './tap-watch.ts';

const MAX_CATALOG_BYTES = 64 * 1024 * 1024;

/**
 * Asks a tap for its catalog; answers what it printed. The command must say `--discover`. A catalog comes in one piece at the end, so a line
 * in the log is a sign of life too. Throws InvalidError `tap.discover_failed` with the end of its log, `tap.killed` when it was silent for
 * `idleTimeoutMs`, `tap.memory_limit` and the like (exit-text.ts), `tap.invalid_catalog`; the signal's reason.
 */
export async function readCatalog(
  spec: ChildSpec,
  { host, redact, signal, idleTimeoutMs }: TapWatch,
): Promise<string> {
  const errors = createErrorTail(redact);
  const onStderr = errors.watch(spec.onStderr);
  const child = host.start({
    ...spec,
    onStderr(line) {
      idle.touch();
      onStderr(line);
    },
  });
  const idle = createIdleTimer(child, idleTimeoutMs);
  return withChild(child, signal, async () => {
    const text = await readAll(child.stdout);
    const exit = await child.exited;
    signal.throwIfAborted();
    const problem = exitProblem(exit, {
      who: "The tap's discovery",
      idle: idle.fired() ? idle.message : null,
      lastWords: errors.text(),
      failedCode: 'tap.discover_failed',
    });
    if (problem === null) return text;
    throw new InvalidError(problem.errorCode, problem.errorMsg);
  }).finally(idle.clear);
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > MAX_CATALOG_BYTES)
      throw new InvalidError('tap.invalid_catalog', "The tap's catalog is larger than 64 MB.");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
