import { expect, test } from 'vitest';
import { parseStat, readLinuxProcesses } from '../../../../src/adapters/runner/process/linux-processes.ts';
import { parsePs } from '../../../../src/adapters/runner/process/ps-processes.ts';

const isLinux = process.platform === 'linux';

test('a line of /proc is read, whatever the program is called', () => {
  const line =
    '4711 (a) Z 1 (b) S 42 4700 4600 0 -1 4194560 1 2 3 4 150 50 25 75 20 0 1 0 987654 1000000 250 184 1 1 0 0 0 0 0';
  expect(parseStat(line, 4096)).toEqual({
    pid: 4711,
    startedAt: '987654',
    parent: 42,
    group: 4700,
    session: 4600,
    memoryBytes: 250 * 4096,
    cpuS: 3,
  });
});

test('what only waits to be reaped is no process any more, nor is what has gone', () => {
  expect(parseStat('4711 (x) Z 42 4700 4600 0 -1 0', 4096)).toBeNull();
  expect(parseStat('', 4096)).toBeNull();
});

test.runIf(isLinux)('/proc tells of this process what it knows of itself', async () => {
  const own = (await readLinuxProcesses()())?.find(({ pid }) => pid === process.pid);
  expect(own).toMatchObject({ pid: process.pid, parent: process.ppid });
  const known = process.memoryUsage.rss();
  expect(own?.memoryBytes).toBeGreaterThan(known / 2);
  expect(own?.memoryBytes).toBeLessThan(known * 2);
  expect(own?.cpuS).toBeGreaterThan(0);
});

test('what ps prints is read, on macOS and on Linux', () => {
  const text = `    1     0     1   2048   0:01.50 Sat Nov 21 12:00:00 2026
  500   499   500 102400 02:03:04 Sat Nov 21 12:00:01 2026
  501   500   500      0 1-00:00:01 Sat Nov 21 12:00:02 2026

`;
  expect(parsePs(text)).toMatchObject([
    { pid: 1, parent: 0, group: 1, memoryBytes: 2 * 1024 ** 2, cpuS: 1.5 },
    { pid: 500, parent: 499, group: 500, cpuS: 7384, startedAt: 'Sat Nov 21 12:00:01 2026' },
    { pid: 501, parent: 500, cpuS: 86_401 },
  ]);
});
