import { InvalidError } from '../errors.ts';

export type RefusalCode =
  | 'singer.record_invalid'
  | 'singer.record_missing_key'
  | 'singer.value_refused'
  | 'singer.record_malformed';

/** Why one record cannot be stored. Turned into an InvalidError, or handed to `onRejected`, by who knows the stream and line. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly field: string | null;

  constructor(code: RefusalCode, message: string, field: string | null = null) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Where in the Singer input something happened. Lines count from 1. */
export interface Place {
  line: number;
  stream: string | null;
}

/** An InvalidError that says the line and, where known, the stream. */
export function singerError(code: string, place: Place, message: string, cause?: unknown): InvalidError {
  const stream = place.stream === null ? '' : ` of stream "${place.stream}"`;
  return new InvalidError(code, `Line ${place.line}${stream}: ${message}`, { cause });
}
