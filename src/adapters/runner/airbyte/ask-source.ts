import { InvalidError } from '../../../errors.ts';
import { lineBlocks } from '../../../singer/line-blocks.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import { withChild } from '../process/with-child.ts';
import { exitText } from './exit-text.ts';
import { type ReadLine, readMessage } from './protocol.ts';
import { failureOf, type SourceFailure } from './source-failures.ts';
import type { SourceProgram } from './source-program.ts';

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Asks a source something it answers with one message and ends. Throws InvalidError: what a TRACE ERROR says, `source.failed` with the end of its log
 * when it ends without an answer, `tap.killed` when it was silent for too long; the signal's reason.
 */
export async function askSource<Answer>(
  source: SourceProgram,
  args: readonly string[],
  answerIn: (message: ReadLine) => Answer | null,
): Promise<Answer> {
  const { signal, redact, lastWords } = source;
  const spec = source.command(args);
  const child = source.host.start({
    ...spec,
    onStderr(line) {
      idle.touch();
      spec.onStderr(line);
    },
  });
  const idle = createIdleTimer(child, source.idleTimeoutMs);
  return withChild(child, signal, async () => {
    const heard = await listen(child.stdout, source, answerIn);
    const exit = await child.exited;
    signal.throwIfAborted();
    if (heard.answer) return heard.answer;
    const ending = `The source ended its "${args[0]}" with ${exitText(exit)}.`;
    if (idle.fired()) throw new InvalidError('tap.killed', `${ending} ${idle.message}`);
    if (heard.failure) throw new InvalidError(heard.failure.code, redact(heard.failure.message));
    throw new InvalidError('source.failed', `${ending} ${lastWords.text()}`.trim());
  }).finally(idle.clear);
}

interface Heard<Answer> {
  answer: Answer | null;
  failure: SourceFailure | null;
}

async function listen<Answer>(
  stdout: AsyncIterable<Uint8Array>,
  source: SourceProgram,
  answerIn: (message: ReadLine) => Answer | null,
): Promise<Heard<Answer>> {
  const heard: Heard<Answer> = { answer: null, failure: null };
  for await (const { text } of lineBlocks(stdout, MAX_LINE_BYTES)) {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const message = readMessage(line);
      heard.answer ??= answerIn(message);
      heard.failure ??= failureIn(message);
      overhear(source, message, line);
    }
  }
  return heard;
}

function failureIn(message: ReadLine): SourceFailure | null {
  return message.type === 'TRACE' && message.trace.type === 'ERROR' ? failureOf(message.trace.error) : null;
}

function overhear({ log, keepSecret }: SourceProgram, message: ReadLine, line: string): void {
  if (message.type === 'LOG') log.message(message.log);
  else if (message.type === 'unreadable') log.stray(line);
  else if (message.type === 'CONTROL') keepSecret(message.control.connectorConfig?.config ?? {});
}
