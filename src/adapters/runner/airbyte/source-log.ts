import type { ErrorTail } from '../process/error-tail.ts';
import type { Redact } from '../process/redaction.ts';
import type { MessageOf } from './protocol.ts';
import type { SourceFailure } from './source-failures.ts';

/** A source's log on its way into the run's. */
export interface SourceLog {
  /** A LOG message; what is below INFO is left out. */
  message(log: MessageOf<'LOG'>['log']): void;
  /** An error it told of, with its stack trace. */
  failure(failure: SourceFailure): void;
  /** A line of its output that is no message of the protocol. */
  stray(line: string): void;
  /** A word of the runner's own. */
  say(line: string): void;
}

export interface SourceLogOptions {
  log(line: string): void;
  redact: Redact;
  /** Remembers what the source says of its errors. */
  tail: ErrorTail;
}

const LEFT_OUT = new Set(['DEBUG', 'TRACE']);
const ERRORS = new Set(['ERROR', 'FATAL']);
const MOST_LINES = 50;
const LINE_CHARACTERS = 4_000;
const STRAY_LINES = 200;

/** Writes `[LEVEL] message`, a line each; a message of more than 50 lines and more than 200 stray lines are cut short. */
export function createSourceLog({ log, redact, tail }: SourceLogOptions): SourceLog {
  const remember = tail.watch(() => {});
  let strays = 0;
  const write = (line: string) => {
    const clean = redact(line);
    log(clean.length > LINE_CHARACTERS ? `${clean.slice(0, LINE_CHARACTERS)} ... (line cut)` : clean);
  };
  const writeAll = (level: string, message: string, trace: string | null | undefined) => {
    const lines = `${message}${trace ? `\n${trace}` : ''}`.split(/\r?\n/);
    if (ERRORS.has(level) && lines[0]) remember(lines[0]);
    for (const line of lines.slice(0, MOST_LINES)) write(`[${level}] ${line}`);
    if (lines.length > MOST_LINES) log(`[${level}] ... ${lines.length - MOST_LINES} more lines`);
  };
  return {
    message({ level, message, stack_trace: trace }) {
      const known = level.toUpperCase();
      if (!LEFT_OUT.has(known)) writeAll(known, message, trace);
    },
    failure: ({ message, stackTrace }) => writeAll('ERROR', message, stackTrace),
    stray(line) {
      strays += 1;
      if (strays <= STRAY_LINES) write(line);
      else if (strays === STRAY_LINES + 1) log('[WARN] More lines that are no message are left out.');
    },
    say: write,
  };
}
