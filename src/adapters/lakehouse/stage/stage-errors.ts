import { AppError, InvalidError, messageOf, UnavailableError } from '../../../errors.ts';

/** What a person has to change before the same may work: rights, a folder that is none, a file system that is read-only. */
const REFUSALS = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EISDIR', 'ENAMETOOLONG', 'ELOOP'];
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * What a stage promises of a folder's errors: InvalidError `lakehouse.stage_refused`, UnavailableError `lakehouse.stage_full` and
 * `lakehouse.stage_unavailable`.
 */
export function folderError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  const details = { cause: error, internal: messageOf(error) };
  if (FULL.includes(code)) return stageFull(details);
  if (REFUSALS.includes(code)) return stageRefused(`its folder cannot be used (${code})`, details);
  return stageUnavailable(`its folder cannot be used (${code || 'unknown error'})`, details);
}

type Details = ConstructorParameters<typeof InvalidError>[2];

export function stageFull(details?: Details): UnavailableError {
  return new UnavailableError(
    'lakehouse.stage_full',
    'There is no room left in the place of LAKEHOUSE_STAGE_URL.',
    details,
  );
}

export function stageRefused(why: string, details?: Details): InvalidError {
  return new InvalidError(
    'lakehouse.stage_refused',
    `The place of LAKEHOUSE_STAGE_URL refused: ${why}.`,
    details,
  );
}

export function stageUnavailable(why: string, details?: Details): UnavailableError {
  return new UnavailableError(
    'lakehouse.stage_unavailable',
    `The place of LAKEHOUSE_STAGE_URL is not available: ${why}.`,
    details,
  );
}
