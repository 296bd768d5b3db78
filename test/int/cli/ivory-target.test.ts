import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../../harness/database.ts';
import { recordMessage, schemaMessage } from '../singer/load-lines.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/ivory-target', import.meta.url));

async function run(program: string, args: readonly string[], input: string) {
  const child = spawn(program, args, { cwd: '/', env: { PATH: '/usr/bin:/bin' }, stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, code: code as unknown };
}

test.each([
  ['its path', async () => PROGRAM],
  [
    'a link to it',
    async (folder: string) => {
      const link = join(folder, 'linked-target');
      await symlink(PROGRAM, link);
      return link;
    },
  ],
])(
  'bin/ivory-target loads when started by %s, from another folder and without a Node on the PATH',
  async (_, programIn) => {
    const database = await createTestDatabase();
    onTestFinished(() => database.close());
    const folder = await mkdtemp(join(tmpdir(), 'ivory-bin-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ database_url: database.url, default_target_schema: 'bin' }));
    const messages = [
      schemaMessage('people', { id: { type: 'integer' } }, ['id']),
      recordMessage('people', { id: 1 }),
      { type: 'STATE', value: { at: 1 } },
    ];
    const input = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
    expect(await run(await programIn(folder), ['--config', config], input)).toMatchObject({
      stdout: '{"at":1}\n',
      code: 0,
    });
    expect(await database.database.sql`select id::int from bin.people`).toEqual([{ id: 1 }]);
  },
);
