import { AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import { SparkSqlError } from './client/spark-errors.ts';

/** Somebody else wrote to the table: the same may work on its new state. */
const CONFLICTS = ['ValidationException', 'CommitFailedException'];
/** It is published already, or this very snapshot is. */
const PUBLISHED = ['DuplicateWAPCommitException', 'CherrypickAncestorCommitException'];
/** What Spark and Iceberg throw at a statement that will not do; everything else is the engine or its storage in trouble. */
const REFUSALS =
  /^(Parse|Analysis|TableAlreadyExists|AlreadyExists|NoSuch\w+|UnsupportedOperation|IllegalArgument|IllegalState|Validation|\w*Arithmetic|\w*NumberFormat|\w*DateTime|AccessControl|Forbidden|NotAuthorized|InvalidPath)Exception$/;
const UNKNOWN_RELATION = ['TABLE_OR_VIEW_NOT_FOUND', 'SCHEMA_NOT_FOUND'];

export function isConflict(error: unknown): boolean {
  return isThrown(error, [...CONFLICTS, ...PUBLISHED]);
}

export function isUnknownRelation(error: unknown): boolean {
  if (!(error instanceof SparkSqlError)) return false;
  return UNKNOWN_RELATION.includes(error.errorClass ?? '') || isThrown(error, ['NoSuchNamespaceException']);
}

/** Somebody made the table, or its column, a moment before. */
export function isMadeAlready(error: unknown): boolean {
  if (!(error instanceof SparkSqlError)) return false;
  const isMade = /ALREADY_EXISTS$/.test(error.errorClass ?? '');
  return isMade || isThrown(error, ['AlreadyExistsException', ...CONFLICTS]);
}

export function isPathMissing(error: unknown): boolean {
  if (!(error instanceof SparkSqlError)) return false;
  return error.errorClass === 'PATH_NOT_FOUND' || isThrown(error, ['FileNotFoundException']);
}

function isThrown(error: unknown, names: readonly string[]): boolean {
  return error instanceof SparkSqlError && names.some((name) => error.exceptions.includes(name));
}

/** What the port promises: UnavailableError when trying again may help or the outcome is unknown, else InvalidError `lakehouse.refused`. */
export function lakehouseError(error: unknown): unknown {
  if (!(error instanceof SparkSqlError)) return error;
  const { message, internal, errorClass, exceptions } = error;
  const details = { cause: error, ...(internal === undefined ? {} : { internal }) };
  if (errorClass !== null || exceptions.some((name) => REFUSALS.test(name)))
    return new InvalidError('lakehouse.refused', `The lakehouse refused: ${message}`, details);
  return new UnavailableError('lakehouse.unavailable', 'The lakehouse is in trouble.', details);
}

/** Runs work against the lakehouse and translates what it throws. */
export async function translated<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? lakehouseError(error) : error;
  }
}
