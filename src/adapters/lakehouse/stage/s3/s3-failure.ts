import type { AppError } from '../../../../errors.ts';
import { stageFull, stageRefused, stageUnavailable } from '../stage-errors.ts';
import type { S3Answer } from './s3-transport.ts';
import { elementText } from './s3-xml.ts';

/** What S3 says when it does not do what was asked: a name such as NoSuchBucket, or the status where it says none. */
export interface S3Failure {
  status: number;
  name: string;
  /** The same may work at once. */
  isPassing: boolean;
}

/** Statuses and names that ask for another try ("Error responses" in the S3 API). */
const PASSING_STATUS = [408, 429, 500, 502, 503, 504];
const PASSING_NAMES = [
  'RequestTimeout',
  'OperationAborted',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
];
const FULL_NAMES = ['XMinioStorageFull', 'QuotaExceeded', 'InsufficientStorage'];

/** null: it did. A completed upload may answer 200 and an error in its body. */
export function failureOf({ status, text }: S3Answer): S3Failure | null {
  const isError = /^\s*(<\?xml[^>]*>)?\s*<Error>/.test(text);
  if (status >= 200 && status < 300 && !isError) return null;
  const said = isError ? elementText(text, 'Code') : '';
  const name = /^\w{1,64}$/.test(said) ? said : `HTTP ${status}`;
  return { status, name, isPassing: PASSING_STATUS.includes(status) || PASSING_NAMES.includes(name) };
}

export function s3Error({ status, name, isPassing }: S3Failure): AppError {
  if (status === 507 || FULL_NAMES.includes(name)) return stageFull({ internal: name });
  if (isPassing || status >= 500) return stageUnavailable(name, { internal: `HTTP ${status}` });
  return stageRefused(name, { internal: `HTTP ${status}` });
}
