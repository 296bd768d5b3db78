import type { FileError } from './errors.ts';

/** Tells the operator what is wrong, one line each, and remembers whether anything failed. */
export interface Report {
  failure(stream: string, path: string, error: FileError): void;
  /** A row that could not be sent. Beyond the first ones of a file only the count is told. */
  badRow(
    where: { stream: string; path: string; line: number; isSkipped: boolean; count: number },
    reason: string,
  ): void;
  note(stream: string, text: string): void;
  hasFailed(): boolean;
}

export const BAD_ROWS_TOLD = 100;

export function createReport(print: (line: string) => void): Report {
  let failed = false;
  return { failure, badRow, note, hasFailed: () => failed };

  function failure(stream: string, path: string, error: FileError): void {
    failed = true;
    const place = error.line === undefined ? path : `${path}:${error.line}`;
    print(`error: stream ${stream}: ${place}: ${error.message} (${error.code})`);
  }

  function badRow(
    {
      stream,
      path,
      line,
      isSkipped,
      count,
    }: { stream: string; path: string; line: number; isSkipped: boolean; count: number },
    reason: string,
  ): void {
    failed ||= !isSkipped;
    if (count > BAD_ROWS_TOLD) return;
    const what = isSkipped ? 'warning' : 'error';
    print(
      `${what}: stream ${stream}: ${path}:${line}: ${reason}${isSkipped ? ', row skipped' : ''} (tap.bad_row)`,
    );
  }

  function note(stream: string, text: string): void {
    print(`stream ${stream}: ${text}`);
  }
}
