import { describe, expect, test } from 'vitest';
import type { ChildExit } from '../../../../src/adapters/runner/process/child.ts';
import { exitProblem } from '../../../../src/adapters/runner/process/exit-text.ts';
import { NO_LIMITS } from '../../../../src/adapters/runner/process/usage.ts';

const GB = 1024 ** 3;
const ENDED: ChildExit = {
  code: 0,
  signal: null,
  stopped: false,
  usage: { peakMemoryBytes: 1.9 * GB, cpuS: 12, diskBytes: 4096 },
  limits: { memoryBytes: 2 * GB, cpuS: 60, diskBytes: GB },
  passed: null,
  sandboxed: false,
};
const STORY = { who: 'The tap', idle: null, lastWords: 'last words' };
const problem = (exit: Partial<ChildExit>, story = {}) =>
  exitProblem({ ...ENDED, ...exit }, { ...STORY, ...story });

test('a good end is no problem', () => {
  expect(problem({})).toBeNull();
});

test('an exit code is told with the last words, under the code the caller has for it', () => {
  expect(problem({ code: 3 })).toEqual({
    errorCode: 'tap.failed',
    errorMsg: 'The tap ended with exit code 3. last words',
  });
  expect(problem({ code: 3 }, { failedCode: 'tap.discover_failed' })?.errorCode).toBe('tap.discover_failed');
});

describe('137 that is not our doing is explained with peak and limit', () => {
  test.each([
    ['as a signal', { code: null, signal: 'SIGKILL' as const }],
    ['as the exit code of a shell', { code: 137, signal: null }],
  ])('%s', (_name, exit) => {
    expect(problem(exit)).toEqual({
      errorCode: 'tap.killed',
      errorMsg:
        'The tap ended with SIGKILL (exit code 137), which Ivory did not send: its memory peaked at 1.9 GB of the 2 GB it may use. Most likely the machine ran out of memory: give it more (then RUNNER_MEMORY_MB may be raised), or make the stream smaller. last words',
    });
  });

  test('little memory used is not blamed', () => {
    const usage = { ...ENDED.usage, peakMemoryBytes: 50 * 1024 ** 2 };
    const text = problem({ signal: 'SIGKILL', code: null, usage })?.errorMsg;
    expect(text).toContain('50 MB of the 2 GB');
    expect(text).not.toContain('Most likely');
  });

  test('what is not known is said not to be', () => {
    const usage = { peakMemoryBytes: null, cpuS: null, diskBytes: null };
    expect(problem({ signal: 'SIGKILL', code: null, usage })?.errorMsg).toContain(
      'what it had of the 2 GB of memory it may use is not known',
    );
    expect(problem({ signal: 'SIGKILL', code: null, usage, limits: NO_LIMITS })?.errorMsg).not.toContain(
      'Infinity',
    );
  });

  test('our own SIGKILL after the grace is not called a stranger’s', () => {
    expect(problem({ signal: 'SIGKILL', code: null, stopped: true })?.errorMsg).toBe(
      'The tap ended with SIGKILL. last words',
    );
  });
});

test.each([
  [
    'memory',
    2.1 * GB,
    2 * GB,
    'tap.memory_limit',
    'its memory reached 2.1 GB, and it may use 2 GB. Raise RUNNER_MEMORY_MB',
  ],
  [
    'cpu',
    61.23,
    60,
    'tap.cpu_limit',
    'it used 61.2 s of processor time, and may use 60 s. Raise RUNNER_CPU_S',
  ],
  [
    'disk',
    5.5 * 1024 ** 2,
    5 * 1024 ** 2,
    'tap.disk_limit',
    'its files took 5.5 MB, and may take 5 MB. Raise RUNNER_DISK_MB',
  ],
] as const)(
  'the limit of %s is told with what was used and what is allowed',
  (limit, used, allowed, code, text) => {
    const told = problem({ code: null, signal: 'SIGKILL', stopped: true, passed: { limit, used, allowed } });
    expect(told).toEqual({
      errorCode: code,
      errorMsg: expect.stringContaining(`The tap was ended: ${text}`),
    });
  },
);

test('silence is told as silence, though the tap may have ended with 0', () => {
  const idle = 'It wrote nothing for 5 s and was stopped.';
  expect(problem({ stopped: true }, { idle })).toEqual({
    errorCode: 'tap.killed',
    errorMsg: 'The tap ended with exit code 0. It wrote nothing for 5 s and was stopped.',
  });
});

test('a file that is missing in the sandbox is told of it', () => {
  const lastWords = "FileNotFoundError: [Errno 2] No such file or directory: '/data/key.json'";
  expect(problem({ code: 1, sandboxed: true }, { lastWords })?.errorMsg).toContain('RUNNER_SANDBOX');
  expect(problem({ code: 1 }, { lastWords })?.errorMsg).not.toContain('RUNNER_SANDBOX');
  expect(problem({ code: 1, sandboxed: true }, { lastWords: 'wrong password' })?.errorMsg).not.toContain(
    'bubblewrap',
  );
});
