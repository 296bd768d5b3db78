import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createIdleTimer } from '../../../src/adapters/runner/process/idle-timer.ts';
import { testProcessHost } from '../../harness/fake-taps.ts';

const QUICK = {
  command: ['/bin/sh', '-c', 'echo a row; echo a word >&2'] as const,
  cwd: tmpdir(),
  env: { PATH: '/usr/bin:/bin' },
  onStderr() {},
};

test.each([true, false])(
  'a source that is over before anybody reads it loses nothing (watched for silence: %s)',
  async (watched) => {
    const child = testProcessHost().start(QUICK);
    const idle = watched ? createIdleTimer(child, 30_000) : null;
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(await text(child.stdout)).toBe('a row\n');
    idle?.clear();
    await child.kill();
  },
);
