import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sandboxes, startScript, startTestChild } from '../../harness/process-hosts.ts';
import { processesOf } from '../../harness/runner-contract/left-behind.ts';
import { until } from '../../harness/until.ts';

const MB = 1024 ** 2;
/** Takes memory until it has much more than any limit here, and stays. */
const GREEDY = `const kept = []; const grow = () => { kept.push(Buffer.alloc(10e6, 1)); setTimeout(kept.length < 150 ? grow : hold, 20); }; const hold = () => setInterval(() => kept, 1000); grow();`;
const start = (script: string) =>
  `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { stdio: 'ignore' });`;
const BUSY = 'const end = Date.now() + 60_000; while (Date.now() < end);';

describe.each(sandboxes())('sandbox %s', (sandbox) => {
  test('a child that takes more memory than it may is ended, and its exit says how much', async () => {
    const child = await startScript(GREEDY, { sandbox, limits: { memoryBytes: 250 * MB } });
    const exit = await child.exited;
    expect(exit).toMatchObject({
      signal: 'SIGKILL',
      stopped: true,
      passed: { limit: 'memory', allowed: 250 * MB },
    });
    expect(exit.passed?.used).toBeGreaterThan(250 * MB);
    expect(exit.usage.peakMemoryBytes).toBe(exit.passed?.used);
  });

  test('what its children take counts as its own, and they are ended with it', async () => {
    const holding = 'const kept = Buffer.alloc(120e6, 1); setInterval(() => kept, 1000);';
    const child = await startScript(
      `${start(holding)} ${start(holding)} ${start(holding)} setInterval(() => {}, 1000);`,
      {
        sandbox,
        limits: { memoryBytes: 400 * MB },
      },
    );
    expect((await child.exited).passed).toMatchObject({ limit: 'memory' });
    expect(await processesOf(child.scratch)).toEqual([]);
  });

  test('a child that uses more processor time than it may is ended', async () => {
    const child = await startScript(BUSY, { sandbox, limits: { cpuS: 1 } });
    const exit = await child.exited;
    expect(exit.passed).toMatchObject({ limit: 'cpu', allowed: 1 });
    expect(exit.passed?.used).toBeGreaterThan(1);
  });

  test('the processor time of children that have ended counts', async () => {
    const short = 'const end = Date.now() + 400; while (Date.now() < end);';
    const child = await startScript(
      `for (let n = 0; n < 100; n++) require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(short)}]);`,
      { sandbox, limits: { cpuS: 1.5 } },
    );
    expect((await child.exited).passed).toMatchObject({ limit: 'cpu' });
  });

  test('a child that fills its working folder is ended', async () => {
    const filling = `let n = 0; setInterval(() => { if (n < 2000) require('node:fs').writeFileSync('f' + n++, Buffer.alloc(1e6, 1)); }, 5);`;
    const child = await startScript(filling, { sandbox, limits: { diskBytes: 20 * MB } });
    const exit = await child.exited;
    expect(exit.passed).toMatchObject({ limit: 'disk', allowed: 20 * MB });
    expect(exit.usage.diskBytes).toBeGreaterThan(20 * MB);
  });

  test('so many empty files count as well', async () => {
    const littering = `let n = 0; setInterval(() => { for (let i = 0; i < 50 && n < 50_000; i++) require('node:fs').writeFileSync('f' + n++, ''); }, 5);`;
    const child = await startScript(littering, { sandbox, limits: { diskBytes: 4 * MB } });
    expect((await child.exited).passed).toMatchObject({ limit: 'disk' });
  });

  test.runIf(existsSync('/usr/bin/prlimit'))(
    'one file that grows faster than anybody looks is stopped by the kernel',
    async () => {
      const child = await startTestChild(['/bin/sh', '-c', 'exec head -c 100000000 /dev/zero > big'], {
        sandbox,
        limits: { diskBytes: 2 * MB },
      });
      expect((await child.exited).passed).toMatchObject({ limit: 'disk', allowed: 2 * MB });
    },
  );

  test('a child within its limits is left alone and tells what it used', async () => {
    const child = await startScript(
      `const kept = Buffer.alloc(100e6, 1); require('node:fs').writeFileSync('f', kept.subarray(0, 5e6)); setInterval(() => kept, 1000);`,
      { sandbox },
    );
    await until('memory and disk have been looked at', () => {
      const { peakMemoryBytes, diskBytes } = child.usage();
      return (peakMemoryBytes ?? 0) > 100e6 && (diskBytes ?? 0) > 5e6;
    });
    await child.kill();
    const exit = await child.exited;
    expect(exit).toMatchObject({ passed: null, stopped: true, sandboxed: sandbox === 'bwrap' });
    expect(exit.usage.cpuS).toBeGreaterThan(0);
    expect(exit.usage.peakMemoryBytes).toBeLessThan(1024 * MB);
  });
});
