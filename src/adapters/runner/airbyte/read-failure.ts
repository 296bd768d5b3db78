import type { ChildExit } from '../process/child-process.ts';
import { exitText } from './exit-text.ts';
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

const MOST_NAMES = 10;

/** What went wrong, the source's own word first; null: it ended well and every stream was read to its end. */
export function readFailure(end: ReadEnd): { code: string; message: string } | null {
  const { exit, idle, failures, isBroken, incomplete, lastWords } = end;
  const ending = `The source ended with ${exitText(exit)}.`;
  if (idle !== null) return { code: 'tap.killed', message: `${ending} ${idle}` };
  const [first] = failures;
  if (first) {
    const killed = exit.signal ? ` ${ending}` : '';
    return { code: first.code, message: `${first.message}${killed}${unread(failedStreams(end), first)}` };
  }
  if (exit.code !== 0)
    return {
      code: exit.signal ? 'tap.killed' : 'source.failed',
      message: `${ending} ${lastWords}`.trim(),
    };
  if (isBroken)
    return {
      code: 'source.invalid_message',
      message: 'A row or state the source wrote could not be read; nothing after it was kept.',
    };
  if (incomplete.length === 0) return null;
  const streams = named(incomplete);
  return {
    code: 'source.stream_incomplete',
    message: `Not read to the end: ${streams}. ${lastWords}`.trim(),
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
