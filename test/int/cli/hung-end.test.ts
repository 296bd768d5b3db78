import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const MODULE = new URL('../../../src/cli/run-until-stopped.ts', import.meta.url).href;

/** A service with nothing left that would keep its process alive, waiting at its end for what never comes. */
const script = (hangs: 'drain' | 'close') => `
  import { runUntilStopped } from ${JSON.stringify(MODULE)};
  const alive = setInterval(() => {}, 1000);
  const end = { drain: async () => {}, close: async () => {} };
  end.${hangs} = async () => { clearInterval(alive); await new Promise(() => {}); };
  process.exitCode = await runUntilStopped({ drainMs: 300 }, async () => ({ ready: 'now', ...end }));`;

test.each(['drain', 'close'] as const)(
  'a process whose %s waits for what nothing will answer ends in its time, with exit code 0',
  async (hangs) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(hangs)]);
    const ended = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('ready')) break;
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
);
