import type { Readable } from 'node:stream';
import { startChild } from '../process/child-process.ts';
import { withChild } from '../process/with-child.ts';

export interface Program {
  command: readonly [string, ...string[]];
  cwd: string;
  env: Record<string, string>;
  /** Removed should this process be killed while the program runs. */
  scratch?: string;
}

export interface ProgramEnd {
  /** null: ended by a signal. */
  code: number | null;
  stdout: string;
  /** The last lines of stderr. */
  stderr: readonly string[];
}

const STDOUT_CHARS = 4_000_000;
const STDERR_LINES = 40;

/**
 * Runs a program to its end, whatever its exit code. When the signal aborts the program and its children are gone before this rejects
 * with the signal's reason.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const stderr: string[] = [];
  const child = startChild({
    ...program,
    onStderr(line) {
      stderr.push(line);
      if (stderr.length > STDERR_LINES) stderr.shift();
    },
  });
  return withChild(child, signal, async () => {
    const [{ code }, stdout] = await Promise.all([child.exited, textOf(child.stdout)]);
    signal.throwIfAborted();
    return { code, stdout, stderr };
  });
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    if (text.length < STDOUT_CHARS) text += String(chunk);
  }
  return text;
}
