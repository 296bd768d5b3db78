import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtInTaps } from '../../../src/adapters/runner/custom/built-in-taps.ts';
import { pathsToRun } from '../../../src/adapters/runner/process/paths-to-run.ts';
import { createProcessHost } from '../../../src/adapters/runner/process/process-host.ts';
import {
  hasBubblewrap,
  startScript,
  startTestChild,
  type TestChildOptions,
  temporaryFolder,
} from '../../harness/process-hosts.ts';

/** What a script in the sandbox prints as JSON. */
async function seen(expression: string, options: TestChildOptions = {}): Promise<unknown> {
  const child = await startScript(
    `const fs = require('node:fs'); const may = (act) => { try { act(); return true; } catch (error) { return error.code; } };
    Promise.resolve(${expression}).then((value) => console.log(JSON.stringify(value)));`,
    { sandbox: 'bwrap', ...options },
  );
  const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
  expect({ lines: child.lines, exit: await child.exited }).toMatchObject({
    lines: [],
    exit: { code: 0, sandboxed: true },
  });
  return JSON.parse(text);
}

const quoted = JSON.stringify;

describe.runIf(hasBubblewrap())('in bubblewrap', () => {
  test("nothing is seen of the system's secrets, of Ivory's own files, or of other runs", async () => {
    const other = await temporaryFolder();
    await writeFile(join(other, 'config.json'), '{}');
    const ours = join(process.cwd(), 'vitest.config.ts');
    const paths = [
      '/etc/shadow',
      '/etc/ssl/private',
      '/run',
      '/sys',
      join(other, 'config.json'),
      other,
      ours,
    ];
    expect(await seen(`${quoted(paths)}.filter((path) => fs.existsSync(path))`)).toEqual([]);
  });

  test('only its own working folder and /tmp take what it writes, and its /tmp is nobody else’s', async () => {
    const folders = ['/', '/usr', '/etc', '/dev', '/proc/sys/kernel'];
    const tried = await seen(
      `[...${quoted(folders)}, '.', '/tmp'].map((folder) => may(() => fs.writeFileSync(folder + '/written-by-a-tap', 'x')))`,
    );
    expect(tried).toEqual([
      ...folders.map(() => expect.stringMatching(/^(EROFS|EACCES|ENOENT|EPERM)$/)),
      true,
      true,
    ]);
    await expect(readFile('/tmp/written-by-a-tap')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('it sees no process but its own, and no environment of this one', async () => {
    const pids = await seen(`fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length`);
    expect(pids).toBeLessThanOrEqual(3);
  });

  test('it has no rights to gain or to keep', async () => {
    const status = await seen(`fs.readFileSync('/proc/self/status', 'utf8')`);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapPrm:\s+0+$/m);
  });

  test('its environment is what it was given, and it reaches the network and resolves names', async () => {
    const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await seen(`fetch('http://localhost:${port}').then((response) => response.text())`)).toBe(
      'reached',
    );
    expect(await seen(`Object.keys(process.env).sort()`)).toEqual(['HOME', 'IVORY_CHILD', 'PATH', 'PWD']);
  });

  test('what it is given to read it reads and does not write; what it is given to write it writes', async () => {
    const [readable, writable] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(readable, 'a.txt'), 'A');
    const answer = await seen(
      `[fs.readFileSync(${quoted(join(readable, 'a.txt'))}, 'utf8'), may(() => fs.writeFileSync(${quoted(join(readable, 'b'))}, '')), may(() => fs.writeFileSync(${quoted(join(writable, 'c'))}, 'C'))]`,
      { readable: [readable, '/nowhere/at/all'], writable: [writable] },
    );
    expect(answer).toEqual(['A', 'EROFS', true]);
    expect(await readFile(join(writable, 'c'), 'utf8')).toBe('C');
  });

  test('a program is found through links, with its interpreter', async () => {
    const [one, two] = [await temporaryFolder(), await temporaryFolder()];
    await mkdir(join(two, 'bin'));
    await symlink(process.execPath, join(two, 'bin', 'python'));
    await writeFile(join(two, 'bin', 'tap'), `#!${join(two, 'bin', 'python')}\nconsole.log('ran');\n`, {
      mode: 0o755,
    });
    await symlink(join(two, 'bin', 'tap'), join(one, 'tap'));
    const child = await startTestChild([join(one, 'tap')], { sandbox: 'bwrap' });
    expect(await child.stdout.setEncoding('utf8').toArray()).toEqual(['ran\n']);
    expect(await child.exited).toMatchObject({ code: 0 });
  });

  test("tap-files reads its tenant's folder there and sees no other tenant's", async () => {
    const root = await temporaryFolder();
    for (const tenant of ['acme', 'other']) {
      await mkdir(join(root, tenant));
      await writeFile(join(root, tenant, 'deals.csv'), `id\n${tenant === 'acme' ? 1 : 2}\n`);
    }
    const cli = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
    const tap = builtInTaps({ cli, filesRoot: root }).get('tap-files');
    if (!tap) throw new Error('no tap-files');
    const configs = await temporaryFolder();
    const config = join(configs, 'config.json');
    await writeFile(
      config,
      JSON.stringify({ ...tap.forcedConfig?.('acme'), streams: [{ name: 'deals', path: 'deals.csv' }] }),
    );
    const child = await startTestChild([...tap.command, '--config', config], {
      sandbox: 'bwrap',
      readable: [...pathsToRun(tap.command, undefined), ...(tap.readable?.('acme') ?? []), configs],
    });
    const text = (await child.stdout.setEncoding('utf8').toArray()).join('');
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(text).toMatch(/"type":"RECORD".*"id":1}/);
    expect(await seen(`fs.readdirSync(${quoted(root)})`, { readable: tap.readable?.('acme') })).toEqual([
      'acme',
    ]);
  });
});

test('where bubblewrap is asked for and missing, nothing is started; where it is only wished for, what starts is told to be without', async () => {
  const nowhere = await temporaryFolder();
  const limits = { memoryBytes: 1e9, cpuS: 60, diskBytes: 1e9 };
  const spec = { cwd: nowhere, env: {}, onStderr: () => {} };
  const command = [process.execPath, '-e', "require('node:fs').writeFileSync('started', '')"] as const;
  const child = createProcessHost({ limits, sandbox: 'bwrap', path: nowhere }).start({
    ...spec,
    command: [...command],
  });
  await expect(child.exited).rejects.toMatchObject({ code: 'runner.no_sandbox' });
  await expect(readFile(join(nowhere, 'started'))).rejects.toMatchObject({ code: 'ENOENT' });

  const host = createProcessHost({ limits, sandbox: 'auto', path: nowhere });
  expect(host.caution()).toContain('without a sandbox');
  const auto = host.start({ ...spec, command: [...command] });
  expect(await auto.exited).toMatchObject({ code: 0, sandboxed: false });
  expect(await readFile(join(nowhere, 'started'), 'utf8')).toBe('');
});
