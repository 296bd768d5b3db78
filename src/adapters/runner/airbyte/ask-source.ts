import type { Readable } from 'node:stream';
import { InvalidError } from '../../../errors.ts';
import type { ChildExit } from '../process/child.ts';
import { type ExitStory, exitProblem } from '../process/exit-text.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import { withChild } from '../process/with-child.ts';
import { lineTexts } from './line-texts.ts';
import { type ReadLine, readMessage } from './protocol.ts';
import { failureOf, type SourceFailure } from './source-failures.ts';
import type { SourceProgram } from './source-program.ts';

const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * Asks a source something it answers with one message and ends. Throws InvalidError: what a TRACE ERROR says, `source.failed` with the end of its log
 * when it ends without an answer, `tap.killed` when it was silent for too long, `tap.*_limit`; the signal's reason.
 */
export async function askSource<Answer>(
  source: SourceProgram,
  args: readonly string[],
  answerIn: (message: ReadLine) => Answer | null,
): Promise<Answer> {
  const { signal, lastWords } = source;
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
    throw noAnswer(source, heard.failure, exit, {
      who: `The source's "${args[0]}"`,
      idle: idle.fired() ? idle.message : null,
      lastWords: lastWords.text(),
      failedCode: 'source.failed',
    });
  }).finally(idle.clear);
}

function noAnswer(
  { redact }: SourceProgram,
  failure: SourceFailure | null,
  exit: ChildExit,
  story: ExitStory,
): InvalidError {
  const ended = exitProblem(exit, story);
  if (failure && (!ended || ended.errorCode === 'source.failed'))
    return new InvalidError(failure.code, redact(failure.message));
  if (ended) return new InvalidError(ended.errorCode, redact(ended.errorMsg));
  return new InvalidError('source.failed', `${story.who} ended without an answer. ${story.lastWords}`.trim());
}

interface Heard<Answer> {
  answer: Answer | null;
  failure: SourceFailure | null;
}

async function listen<Answer>(
  stdout: Readable,
  source: SourceProgram,
  answerIn: (message: ReadLine) => Answer | null,
): Promise<Heard<Answer>> {
  const heard: Heard<Answer> = { answer: null, failure: null };
  for await (const text of lineTexts(stdout, MAX_LINE_BYTES)) {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const message = readMessage(line);
      heard.answer ??= answerIn(message);
      const failure = failureIn(message);
      if (failure) source.log.failure(failure);
      heard.failure ??= failure;
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
