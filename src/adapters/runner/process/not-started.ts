import type { Readable } from 'node:stream';
import { type AppError, InvalidError, UnavailableError } from '../../../errors.ts';

/** Tells a program that could not be started in its wrapping from one that started and failed. */
export interface LaunchWatch {
  /** Wraps a reader of stderr: the wrapping's own words come first there. */
  watch(next: (line: string) => void): (line: string) => void;
  /** Throws InvalidError `tap.not_started`, UnavailableError `runner.no_process`. */
  assertStarted(code: number | null): Promise<void>;
}

const NO_PROGRAM = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC', 'EPERM', 'ELOOP']);
const MAX_STATUS_CHARS = 4_000;

export function notSpawned(cause: NodeJS.ErrnoException): AppError {
  const code = cause.code ?? 'no reason given';
  return NO_PROGRAM.has(code)
    ? noProgram(code, { cause })
    : new UnavailableError('runner.no_process', `No process could be started for the tap (${code}).`, {
        cause,
      });
}

export function noProgram(reason: string, options: { cause?: unknown } = {}): AppError {
  return new InvalidError(
    'tap.not_started',
    `The tap's program cannot be started (${reason}); is it installed?`,
    options,
  );
}

/** `status`: where bubblewrap tells what became of its program; null where there is none. */
export function createLaunchWatch(sandboxed: boolean, status: Readable | null): LaunchWatch {
  let told = '';
  let firstLine: string | null = null;
  const closed = new Promise<void>((resolve) => {
    if (status === null) return resolve();
    status.setEncoding('utf8').on('data', (text: string) => {
      if (told.length < MAX_STATUS_CHARS) told += text;
    });
    status.once('close', resolve).once('error', resolve);
  });
  return {
    watch: (next) => (line) => {
      firstLine ??= line;
      next(line);
    },
    async assertStarted(code) {
      const words = firstLine ?? '';
      if (/^prlimit: failed to execute /.test(words) && (code === 126 || code === 127))
        throw noProgram(words);
      if (!sandboxed || code !== 1) return;
      await closed;
      if (told.includes('"exit-code"')) return;
      throw words.startsWith('bwrap: execvp ') ? notSeen(words) : sandboxFailed(words);
    },
  };
}

function notSeen(words: string): AppError {
  return new InvalidError(
    'tap.not_started',
    `The tap's program cannot be started in the sandbox (${words}). A file it needs is not seen there: name its folder under "readable", or set RUNNER_SANDBOX=off.`,
  );
}

function sandboxFailed(words: string): AppError {
  return new UnavailableError('runner.no_process', `The tap's sandbox could not be made (${words}).`);
}
