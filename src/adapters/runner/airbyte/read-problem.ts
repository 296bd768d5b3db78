import type { ChildExit } from '../process/child.ts';
import { exitProblem } from '../process/exit-text.ts';
import type { SourceFailure } from './source-failures.ts';

/** How a read ended. */
export interface ReadEnd {
  exit: ChildExit;
  /** What is told of a source that was ended for its silence; such a source may still exit with 0. */
  idle: string | null;
  failures: readonly SourceFailure[];
  /** A row or state of its output could not be read. */
  isBroken: boolean;
  incomplete: readonly string[];
  lastWords: string;
}

export interface ReadProblem {
  errorCode: string;
  errorMsg: string;
}

const MOST_NAMES = 10;

/** What went wrong, the source's own word before the way it ended; null: it ended well and every stream was read to its end. */
export function readProblem(end: ReadEnd): ReadProblem | null {
  const { exit, idle, failures, incomplete, lastWords } = end;
  const ended = exitProblem(exit, { who: 'The source', idle, lastWords, failedCode: 'source.failed' });
  const [first] = failures;
  if (first && ended?.errorCode !== 'tap.killed' && !exit.passed)
    return { errorCode: first.code, errorMsg: first.message + unread(failedStreams(end), first) };
  if (ended) return first ? { ...ended, errorMsg: `${ended.errorMsg} Before: ${first.message}` } : ended;
  if (end.isBroken)
    return {
      errorCode: 'source.invalid_message',
      errorMsg: 'A row or state the source wrote could not be read; nothing after it was kept.',
    };
  if (incomplete.length === 0) return null;
  return {
    errorCode: 'source.stream_incomplete',
    errorMsg: `Not read to the end: ${named(incomplete)}. ${lastWords}`.trim(),
  };
}

function failedStreams({ failures, incomplete }: ReadEnd): string[] {
  const told = failures.flatMap(({ stream }) => (stream === null ? [] : [stream]));
  return [...new Set([...told, ...incomplete])];
}

function unread(streams: readonly string[], { stream }: SourceFailure): string {
  const others = streams.filter((name) => name !== stream);
  if (others.length === 0) return '';
  return ` ${stream === null ? 'Not' : 'Also not'} read to the end: ${named(others)}.`;
}

function named(streams: readonly string[]): string {
  const shown = streams
    .slice(0, MOST_NAMES)
    .map((name) => `"${name}"`)
    .join(', ');
  return streams.length > MOST_NAMES ? `${shown} and ${streams.length - MOST_NAMES} more` : shown;
}
