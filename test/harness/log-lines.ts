import { expect } from 'vitest';

export type LogLine = { event: string; level: string } & Record<string, unknown>;

/** The lines a process wrote to stderr, each of which must be JSON. */
export function logLines(log: string): LogLine[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      expect(line, 'a line of the log').toMatch(/^\{.*\}$/);
      return JSON.parse(line) as LogLine;
    });
}
