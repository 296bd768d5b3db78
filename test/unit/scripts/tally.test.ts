import { expect, test } from 'vitest';
import { lineOf, sum, tallyOfVitest } from '../../../scripts/tally.ts';

const GREEN = {
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};

test('passed, failed and skipped tests are counted as vitest counts them', () => {
  const report = { ...GREEN, success: false, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
  expect(tallyOfVitest(report)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test('a test file that does not load is a failure although no test of it ran', () => {
  const broken = { status: 'failed', assertionResults: [] };
  expect(tallyOfVitest({ ...GREEN, success: false, testResults: [broken] }).failed).toBe(1);
});

test('a file with a failed test is not counted a second time', () => {
  const file = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };
  expect(tallyOfVitest({ ...GREEN, success: false, numFailedTests: 1, testResults: [file] }).failed).toBe(1);
});

test('a run that failed outside every test never counts as none failed', () => {
  expect(tallyOfVitest({ ...GREEN, success: false }).failed).toBe(1);
});

test('something that is no report of vitest is refused, not counted as nothing', () => {
  expect(() => tallyOfVitest({})).toThrow(/not a test result/);
  expect(() => tallyOfVitest({ ...GREEN, testResults: undefined })).toThrow(/testResults/);
});

test('the last line names the skipped only when there are some', () => {
  expect(lineOf({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
  expect(
    lineOf(
      sum([
        { passed: 2, failed: 0, skipped: 1 },
        { passed: 1, failed: 1, skipped: 0 },
      ]),
    ),
  ).toBe('3 passed, 1 failed, 1 skipped');
});
