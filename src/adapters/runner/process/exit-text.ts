import type { ChildExit } from './child.ts';
import type { PassedLimit } from './usage.ts';

export interface ExitStory {
  /** "The tap", "The tap's discovery". */
  who: string;
  /** What is told of a child that was ended for its silence; such a one may still exit with 0. */
  idle: string | null;
  /** The end of its log. */
  lastWords: string;
  /** The code of an ordinary failure. Default `tap.failed`. */
  failedCode?: string;
}

export interface ExitProblem {
  errorCode: string;
  errorMsg: string;
}

const LIMIT_CODES = { memory: 'tap.memory_limit', cpu: 'tap.cpu_limit', disk: 'tap.disk_limit' } as const;

/**
 * Explains to a person how a child ended, and what to do about it. Codes: `tap.memory_limit`, `tap.cpu_limit`, `tap.disk_limit` (ended by us
 * for a limit), `tap.killed` (for its silence, or by a signal), else `failedCode`. null: it ended well.
 */
export function exitProblem(
  exit: ChildExit,
  { who, idle, lastWords, failedCode = 'tap.failed' }: ExitStory,
): ExitProblem | null {
  if (exit.passed)
    return { errorCode: LIMIT_CODES[exit.passed.limit], errorMsg: passedText(who, exit.passed) };
  const how = exit.signal ?? `exit code ${exit.code}`;
  if (idle !== null) return { errorCode: 'tap.killed', errorMsg: `${who} ended with ${how}. ${idle}` };
  if (exit.code === 0) return null;
  const wasKilled = exit.signal === 'SIGKILL' || exit.code === 137;
  const ending = wasKilled && !exit.stopped ? killedText(exit) : `${how}.`;
  return {
    errorCode: exit.signal || wasKilled ? 'tap.killed' : failedCode,
    errorMsg: [`${who} ended with ${ending}`, lastWords, sandboxHint(exit, lastWords)]
      .filter(Boolean)
      .join(' '),
  };
}

function passedText(who: string, { limit, used, allowed }: PassedLimit): string {
  switch (limit) {
    case 'memory':
      return `${who} was ended: its memory reached ${bytes(used)}, and it may use ${bytes(allowed)}. Raise RUNNER_MEMORY_MB, or make its streams smaller.`;
    case 'cpu':
      return `${who} was ended: it used ${seconds(used)} of processor time, and may use ${seconds(allowed)}. Raise RUNNER_CPU_S, or let it read less in one run.`;
    case 'disk':
      return `${who} was ended: its files took ${bytes(used)}, and may take ${bytes(allowed)}. Raise RUNNER_DISK_MB, or let it read less in one run.`;
  }
}

function killedText({ usage: { peakMemoryBytes: peak }, limits }: ChildExit): string {
  const how = 'SIGKILL (exit code 137), which Ivory did not send';
  if (!Number.isFinite(limits.memoryBytes)) return `${how}.`;
  const allowed = bytes(limits.memoryBytes);
  if (peak === null)
    return `${how}: what it had of the ${allowed} of memory it may use is not known. Most often the machine ran out of memory.`;
  const share = `its memory peaked at ${bytes(peak)} of the ${allowed} it may use`;
  return peak > limits.memoryBytes / 2
    ? `${how}: ${share}. Most likely the machine ran out of memory: give it more (then RUNNER_MEMORY_MB may be raised), or make the stream smaller.`
    : `${how}: ${share}. Someone ended it, or the machine ran out of memory for other reasons.`;
}

const NOT_SEEN = /no such file|not found|read-only file system|permission denied|ENOENT|EROFS|EACCES/i;

/** A tap that has always worked may miss a file once bubblewrap is installed. */
function sandboxHint({ sandboxed }: ChildExit, lastWords: string): string {
  if (!sandboxed || !NOT_SEEN.test(lastWords)) return '';
  return '(It ran in bubblewrap and saw no files but its own program, its working folder and those it is given; see RUNNER_SANDBOX.)';
}

const MB = 1024 ** 2;
const GB = 1024 ** 3;

/** "1.93 GB", "512 MB", "0.31 MB": three digits. */
function bytes(count: number): string {
  const [amount, unit] = count >= GB ? [count / GB, 'GB'] : [count / MB, 'MB'];
  return `${Number(amount.toPrecision(3))} ${unit}`;
}

function seconds(count: number): string {
  return `${Number(count.toFixed(1))} s`;
}
