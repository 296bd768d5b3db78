import type { SourceRefusal } from '../../domain/connector-task.ts';
import { AppError } from '../../errors.ts';
import type { RunOutcome } from '../../ports/runner.ts';
import type { Redact } from './process/redaction.ts';

/** What went wrong on the source's side is a value; what is not its fault, a lost lease among it, and anything after an abort is thrown on. */
export function refusalOf(error: unknown, signal: AbortSignal, redact: Redact): SourceRefusal {
  if (signal.aborted || !isSourceFailure(error)) throw error;
  return { ok: false, errorCode: error.code, message: redact(error.message) };
}

/** A run that came to nothing for such a reason. */
export function failedOutcome({ errorCode, message: errorMsg }: SourceRefusal): RunOutcome {
  return { status: 'failed', rowsWritten: 0, state: null, streams: {}, errorCode, errorMsg };
}

function isSourceFailure(error: unknown): error is AppError {
  return error instanceof AppError && error.retry === 'terminal' && error.code !== 'run.lease_lost';
}
