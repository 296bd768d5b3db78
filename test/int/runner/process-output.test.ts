import { describe, expect, test } from 'vitest';
import { sandboxes, startScript } from '../../harness/process-hosts.ts';
import { processesOf } from '../../harness/runner-contract/left-behind.ts';
import { until } from '../../harness/until.ts';

const MB = 1024 ** 2;

describe.each(sandboxes())('sandbox %s', (sandbox) => {
  test('200 MB on stderr without a line end leave our memory flat and one line of 64,000 characters', async () => {
    global.gc?.();
    const before = usedBytes();
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, usedBytes());
    }, 20);
    const child = await startScript(
      `const chunk = Buffer.alloc(1e6, 'x'); for (let n = 0; n < 200; n++) require('node:fs').writeSync(2, chunk); console.error('\\nend');`,
      { sandbox },
    );
    const exit = await child.exited;
    clearInterval(timer);
    expect(exit.code).toBe(0);
    expect(child.lines.map((line) => line.length)).toEqual([64_000 + ' ... (line cut)'.length, 3]);
    expect(peak - before).toBeLessThan(100 * MB);
  });

  test('a flood of lines on stderr starves nothing else, nor its own end', async () => {
    let lines = 0;
    const child = await startScript(
      `const chunk = 'a line of the log\\n'.repeat(5_000); const flood = () => process.stderr.write(chunk, flood); flood(); setTimeout(() => console.log('still here'), 100); setInterval(() => {}, 1000);`,
      {
        sandbox,
        onStderr: () => {
          lines += 1;
        },
      },
    );
    const heard = child.stdout.setEncoding('utf8').take(1).toArray();
    await until('the flood has come', () => lines > 100_000);
    expect(await heard).toEqual(['still here\n']);
    await child.kill();
    expect(await child.exited).toMatchObject({ stopped: true });
  });

  test('a child whose output nobody reads can be ended', async () => {
    const child = await startScript(
      `console.error('full'); const chunk = Buffer.alloc(1e6, 'x'); for (let n = 0; n < 100; n++) process.stdout.write(chunk); setInterval(() => {}, 1000);`,
      { sandbox },
    );
    await until('its output stands', () => child.lines.includes('full'));
    await child.kill(0);
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL', stopped: true });
    expect(await processesOf(child.scratch)).toEqual([]);
  });
});

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
