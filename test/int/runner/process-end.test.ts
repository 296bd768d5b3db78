import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sandboxes, startScript, startTestChild, temporaryFolder } from '../../harness/process-hosts.ts';
import { processesOf } from '../../harness/runner-contract/left-behind.ts';
import { until } from '../../harness/until.ts';

const STAY = 'setInterval(() => {}, 1000);';
/** A process that leaves group, session and parent: what started it in a session of its own has ended. */
const DAEMON = `
const { spawn } = require('node:child_process');
const daemon = ${JSON.stringify(`console.error('daemon'); require('node:fs').writeFileSync('up', ''); ${STAY}`)};
const between = "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(daemon) + "], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] }).unref();";
spawn(process.execPath, ['-e', between], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] });`;

describe.each(sandboxes())('sandbox %s', (sandbox) => {
  test('a process that left for a session of its own is ended with its child', async () => {
    const child = await startScript(`${DAEMON} ${STAY}`, { sandbox });
    await until('the daemon is there', () => child.lines.includes('daemon'));
    await child.kill(0);
    expect(await processesOf(child.scratch)).toEqual([]);
  });

  test('it is ended as well when the child ends by itself', async () => {
    const child = await startScript(
      `${DAEMON} setInterval(() => { if (require('node:fs').existsSync('up')) process.exit(3); }, 20);`,
      { sandbox },
    );
    expect(await child.exited).toMatchObject({ code: 3, stopped: false });
    expect(child.lines).toContain('daemon');
    expect(await processesOf(child.scratch)).toEqual([]);
  });

  test('a child asked to end may say goodbye, and so may its children wherever they went, once each', async () => {
    const polite = (name: string) =>
      `let asked = 0; process.on('SIGTERM', () => { console.error('bye ${name} ' + ++asked); setTimeout(() => process.exit(0), 300); }); console.error('ready'); ${STAY}`;
    const child = await startScript(
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(polite('far'))}], { detached: true, stdio: ['ignore', 'ignore', 'inherit'] }); ${polite('near')}`,
      { sandbox },
    );
    await until('both are there', () => child.lines.filter((line) => line === 'ready').length === 2);
    await child.kill(20_000);
    expect(child.lines.filter((line) => line.startsWith('bye')).sort()).toEqual(['bye far 1', 'bye near 1']);
    expect(await child.exited).toMatchObject({ code: 0, stopped: true });
  });

  test('one that does not end is killed after the grace', async () => {
    const child = await startScript(
      `process.on('SIGTERM', () => console.error('no')); console.error('ready'); ${STAY}`,
      { sandbox },
    );
    await until('it is there', () => child.lines.includes('ready'));
    await child.kill(300);
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL', stopped: true, passed: null });
    expect(await processesOf(child.scratch)).toEqual([]);
  });

  test('one that is killed before it could begin is gone', async () => {
    const child = await startScript(STAY, { sandbox });
    await child.kill();
    expect(await child.exited).toMatchObject({ stopped: true });
    expect(await processesOf(child.scratch)).toEqual([]);
  });

  test('a signal that ended it is told as a signal, and that it was not ours', async () => {
    const child = await startScript(`process.kill(process.pid, 'SIGKILL');`, { sandbox });
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL', stopped: false, passed: null });
  });

  test('a program that is not there cannot be started', async () => {
    const child = await startTestChild(['/nowhere/tap'], { sandbox });
    await expect(child.exited).rejects.toMatchObject({ code: 'tap.not_started' });
    await child.kill();
  });

  test('nor can one whose interpreter is not there', async () => {
    const folder = await temporaryFolder();
    const program = join(folder, 'tap');
    await writeFile(program, '#!/nowhere/python\n', { mode: 0o755 });
    const child = await startTestChild([program], { sandbox });
    await expect(child.exited).rejects.toMatchObject({ code: 'tap.not_started' });
  });
});

/** Leaves a process of a session of its own, with an empty environment and nobody's child, that keeps the output open. */
const LEFT = `echo a row; env -i setsid sh -c "setsid sh -c 'echo \\$\\$ > left; exec sleep 600' &"; until [ -s left ]; do :; done`;

test('what left everything behind but the output is ended with its child, and the output ends well', async () => {
  const child = await startTestChild(['/bin/sh', '-c', LEFT], { sandbox: 'off' });
  expect(await text(child.stdout)).toBe('a row\n');
  expect(await child.exited).toMatchObject({ code: 0, stopped: false });
  const left = Number(await readFile(join(child.scratch, 'left'), 'utf8'));
  await until('it is gone', () => !existsSync(`/proc/${left}`));
  await child.kill();
});
