import { InvalidError } from '../../errors.ts';
import { type ChildSpec, startChild } from './child-process.ts';
import { createErrorTail } from './error-tail.ts';
import type { Redact } from './redaction.ts';
import { withChild } from './with-child.ts';

const MAX_CATALOG_BYTES = 64 * 1024 * 1024;

/**
 * Asks a tap for its catalog; answers what it printed. The command must say `--discover`.
 * Throws InvalidError `tap.discover_failed` with the end of its log, `tap.invalid_catalog`; the signal's reason.
 */
export async function readCatalog(spec: ChildSpec, redact: Redact, signal: AbortSignal): Promise<string> {
  const errors = createErrorTail(redact);
  const child = startChild({ ...spec, onStderr: errors.watch(spec.onStderr) });
  return withChild(child, signal, async () => {
    const text = await readAll(child.stdout);
    const exit = await child.exited;
    signal.throwIfAborted();
    if (exit.code === 0) return text;
    const ending = exit.signal ?? `exit code ${exit.code}`;
    throw new InvalidError(
      'tap.discover_failed',
      `The tap's discovery ended with ${ending}. ${errors.text()}`.trim(),
    );
  });
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
