import { constants } from 'node:os';
import type { JsonText } from '../../../domain/lossless-json.ts';
import type { StatsByStream } from '../../../domain/stats.ts';
import type { RunOutcome } from '../../../ports/runner.ts';
import type { ChildExit } from '../process/child.ts';
import { type ExitProblem, exitProblem } from '../process/exit-text.ts';
import type { Pipelined } from './pipeline.ts';
import type { PipelineEnd, PipelineLog } from './pipeline-log.ts';

export interface Staged {
  rowsWritten: number;
  streams: StatsByStream;
  /** Durable; null: none came. */
  state: JsonText | null;
}

/** What a pipeline's end means for its run: a failure after the state has moved is `partial`, without it `failed`. */
export function pipelineOutcome(
  pipelined: Pipelined<unknown>,
  staged: Staged,
  given: JsonText | null,
): RunOutcome {
  const failure = failureOf(pipelined);
  if (!failure) return { status: 'completed', ...staged };
  const progressed = staged.state !== null && staged.state !== given;
  return { status: progressed ? 'partial' : 'failed', ...staged, ...failure };
}

/** Who failed, with its last words: the tap before the loader, both before Meltano. */
function failureOf({ exit, log, idle, taken }: Pipelined<unknown>): ExitProblem | null {
  const story = { who: 'Meltano', idle, lastWords: log.lastWords('meltano'), failedCode: 'meltano.failed' };
  if (exit.passed || idle !== null || exit.signal !== null)
    return exitProblem(exit, { ...story, who: 'The tap', lastWords: log.lastWords('tap') });
  const end = log.end();
  if (exit.code !== 0 && end) return blameOf(exit, end, log) ?? meltanoProblem(end.reason);
  if (exit.code === 0 && taken === null) return meltanoProblem('It started no loader.');
  return exitProblem(exit, story);
}

function blameOf(exit: ChildExit, { exitCodes, reason }: PipelineEnd, log: PipelineLog): ExitProblem | null {
  const story = { idle: null, lastWords: log.lastWords('tap') };
  if (exitCodes.tap) return exitProblem(endedWith(exit, exitCodes.tap), { ...story, who: 'The tap' });
  if (exitCodes.loader) {
    const told = { ...story, who: 'The loader', lastWords: log.lastWords('loader') };
    const problem = exitProblem(endedWith(exit, exitCodes.loader), told);
    return problem && { ...problem, errorCode: 'loader.failed' };
  }
  const discovery = DISCOVERY.exec(reason)?.[1];
  if (discovery !== undefined) {
    const told = { ...story, who: "The tap's discovery", failedCode: 'tap.discover_failed' };
    return exitProblem(endedWith(exit, Number(discovery)), told);
  }
  return startProblem(reason);
}

/** Meltano makes a discovery before it starts a tap. */
const DISCOVERY = /Catalog discovery failed: command .* returned (-?\d+) with stderr/s;

function startProblem(reason: string): ExitProblem | null {
  const [errorMsg = ''] = reason.split('\n');
  if (errorMsg.startsWith('Cannot start plugin tap-')) return { errorCode: 'tap.not_started', errorMsg };
  if (errorMsg.startsWith('Cannot start plugin ')) return { errorCode: 'loader.failed', errorMsg };
  return null;
}

function meltanoProblem(reason: string): ExitProblem {
  return { errorCode: 'meltano.failed', errorMsg: `Meltano failed. ${reason}`.trim() };
}

/** How Python writes an exit: the code, or a signal's number below zero. */
function endedWith(exit: ChildExit, code: number): ChildExit {
  return code < 0 ? { ...exit, code: null, signal: signalName(-code) } : { ...exit, code, signal: null };
}

function signalName(number: number): NodeJS.Signals {
  const known = Object.entries(constants.signals).find(([, value]) => value === number);
  return (known?.[0] ?? 'SIGTERM') as NodeJS.Signals;
}
