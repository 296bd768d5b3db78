import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How many checks of one part passed; what a part leaves in RESULTS for .ci/run to add up. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const RESULTS = '.results';

export function resultPath(part: string): string {
  return join(RESULTS, `${part}.json`);
}

export function writeTally(part: string, tally: Tally): void {
  const path = resultPath(part);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(tally)}\n`);
}

/** Throws when the part left no result or one that is not a tally: nothing counted is not nothing failed. */
export function readTally(part: string): Tally {
  const read: unknown = JSON.parse(readFileSync(resultPath(part), 'utf8'));
  return {
    passed: countOf(read, 'passed'),
    failed: countOf(read, 'failed'),
    skipped: countOf(read, 'skipped'),
  };
}

/**
 * Counts a report of vitest's json reporter. What fails outside a test (a file that does not load, an unhandled
 * error) is in no test count of vitest's: each such file counts as one failure, and a failed run never as none.
 */
export function tallyOfVitest(report: unknown): Tally {
  const failedTests = countOf(report, 'numFailedTests');
  const failed = failedTests + filesFailedWhole(report);
  return {
    passed: countOf(report, 'numPassedTests'),
    failed: failed === 0 && fieldOf(report, 'success') !== true ? 1 : failed,
    skipped: countOf(report, 'numPendingTests') + countOf(report, 'numTodoTests'),
  };
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = (name: keyof Tally) => tallies.reduce((count, tally) => count + tally[name], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

/** "12 passed, 0 failed", and ", 1 skipped" when there is one. */
export function lineOf({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function filesFailedWhole(report: unknown): number {
  const files = fieldOf(report, 'testResults');
  if (!Array.isArray(files)) throw new Error('not a report of vitest: testResults is missing');
  return files.filter((file) => fieldOf(file, 'status') === 'failed' && !hasFailedTest(file)).length;
}

function hasFailedTest(file: unknown): boolean {
  const tests = fieldOf(file, 'assertionResults');
  return Array.isArray(tests) && tests.some((test) => fieldOf(test, 'status') === 'failed');
}

function countOf(report: unknown, name: string): number {
  const value = fieldOf(report, name);
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Error(`not a test result: ${name} is no number`);
  return value;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}
