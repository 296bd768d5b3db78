import { InvalidError } from '../../errors.ts';

export type FileErrorCode =
  | 'tap.no_files'
  | 'tap.not_a_file'
  | 'tap.path_outside_root'
  | 'tap.format_unknown'
  | 'tap.file_unreadable'
  | 'tap.file_corrupt'
  | 'tap.record_too_large'
  | 'tap.key_missing';

/** Ends the reading of one file (or of one stream's path). The other files go on; the tap's exit code becomes 1. */
export class FileError extends InvalidError {
  /** 1-based line of the file where it happened, when known. */
  readonly line: number | undefined;

  constructor(code: FileErrorCode, message: string, options: { line?: number; cause?: unknown } = {}) {
    super(code, message, { cause: options.cause });
    this.line = options.line;
  }
}

/** Turns what reading a file threw (errno, zlib, hyparquet) into a FileError that says what is wrong with the file. */
export function asFileError(error: unknown): FileError {
  if (error instanceof FileError) return error;
  const code = errnoOf(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code === 'Z_BUF_ERROR')
    return new FileError('tap.file_corrupt', 'the gzip data ends too early', { cause: error });
  if (code.startsWith('Z_'))
    return new FileError('tap.file_corrupt', `the gzip data is damaged: ${said}`, { cause: error });
  if (code === 'ENOENT') return new FileError('tap.file_unreadable', 'the file is gone', { cause: error });
  if (code !== '') return new FileError('tap.file_unreadable', `cannot be read: ${code}`, { cause: error });
  return new FileError('tap.file_corrupt', said, { cause: error });
}

function errnoOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
