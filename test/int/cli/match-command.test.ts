import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ivory-match-'));
});
afterAll(() => rm(folder, { recursive: true }));

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'match', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function schema(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('ivory match', () => {
  it('prints one JSON object with a ranking for every source field; only names are required', async () => {
    const good = await schema('g.json', { fields: { Zip: {}, created: { type: null, samples: null } } });
    const target = await schema('t.json', {
      fields: { created_at: {}, postal_code: { type: 'string' }, x: {} },
    });
    const { code, stdout } = await run('--source', good, '--target', target, '--top', '1');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      Zip: [{ column: 'postal_code', score: expect.any(Number) }],
      created: [{ column: 'created_at', score: expect.any(Number) }],
    });
  });

  it('ranks a field without a name as well, and takes a --top beyond all columns', async () => {
    const source = await schema('e.json', { fields: { Zip: {}, '': { samples: ['a@b.com'] } } });
    const { code, stdout } = await run('--source', source, '--target', source, '--top', '1000000');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)['']?.[0]?.column).toBe('');
  });

  it('ranks for fields called as JavaScript calls things', async () => {
    const strange = await schema(
      'p.json',
      '{"fields": {"__proto__": {"type": "string"}, "constructor": {}, "toString": null}}',
    );
    const { code, stdout } = await run('--source', strange, '--target', strange, '--top', '1');
    expect(code).toBe(0);
    const ranked: [string, { column: string }[]][] = Object.entries(JSON.parse(stdout));
    expect(ranked.map(([field, [best]]) => [field, best?.column])).toEqual([
      ['__proto__', '__proto__'],
      ['constructor', 'constructor'],
      ['toString', 'toString'],
    ]);
  });

  it.each([
    ['no JSON', '{', 'no JSON'],
    ['fields in a list', { fields: [] }, 'fields: must be an object'],
    ['no fields', {}, 'fields'],
    ['samples that are no list', { fields: { a: { samples: 3 } } }, 'fields.a.samples'],
  ])('exits 2 and says where on %s', async (_, content, words) => {
    const path = await schema('bad.json', content);
    const { code, stderr, stdout } = await run('--source', path, '--target', path);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('exits 2 on a missing file, a missing option and a wrong --top', async () => {
    const path = await schema('ok.json', { fields: { a: {} } });
    const runs = [
      await run('--source', path, '--target', join(folder, 'none.json')),
      await run('--source', path),
      await run('--source', path, '--target', path, '--top', '0'),
    ];
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});
