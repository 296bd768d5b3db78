import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ivory-guard-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = [{ name: 'id' }, { name: 'org' }, { name: 'ts' }];
const catalog = saved('catalog.json', {
  sources: [
    { target: 'iomete', dialect: 'spark', tables: [{ name: 'ivory_tenant_acme.deals', columns }] },
    { target: 'questdb', dialect: 'questdb', tables: [{ name: 'ticks', columns, tenant_column: 'org' }] },
    { target: 'postgres', dialect: 'postgres', tables: [{ name: 'acme.deals', columns }] },
    { target: 'falkordb', dialect: 'cypher', tables: [{ name: 'Deal', kind: 'node', columns }] },
  ],
});

describe('ivory guard', () => {
  test('prints what may run on each store, and nothing else', async () => {
    const [spark, questdb, postgres, cypher] = await Promise.all([
      guard(['iomete'], 'SELECT id FROM deals'),
      guard(['questdb'], 'SELECT id FROM ticks LIMIT 5'),
      guard(['postgres'], 'SELECT id FROM acme.deals'),
      guard(['falkordb'], 'MATCH (d:Deal) RETURN d.id'),
    ]);
    expect(spark).toEqual({
      exit: 0,
      stdout: '{"allowed":true,"query":"SELECT id FROM ivory_tenant_acme.deals LIMIT 1000"}\n',
      stderr: '',
    });
    expect(JSON.parse(questdb.stdout)).toEqual({
      allowed: true,
      query: "SELECT id FROM (SELECT * FROM ticks WHERE org = 'acme') AS ticks LIMIT 5",
    });
    for (const { stdout } of [postgres, cypher])
      expect(JSON.parse(stdout)).toEqual({ allowed: true, query: expect.stringMatching(/LIMIT 1000$/) });
  });

  test('the dialect of the catalog decides the guard: the lakehouse may be Postgres', async () => {
    const lake = saved('lake.json', {
      sources: [
        { target: 'iomete', dialect: 'postgres', tables: [{ name: 'ivory_tenant_acme.deals', columns }] },
      ],
    });
    const [postgres, spark] = await Promise.all([
      guard(['iomete', lake], "SELECT id FROM deals WHERE ts = '{1}'::text"),
      guard(['iomete', lake], 'SELECT `id` FROM deals'),
    ]);
    expect(JSON.parse(postgres.stdout)).toMatchObject({ allowed: true });
    expect(JSON.parse(spark.stdout)).toMatchObject({ allowed: false, code: 'guard.unparsable' });
  });

  test.each<[string, string | Buffer, string]>([
    ['another table', 'SELECT * FROM ivory_tenant_globex.deals', 'guard.relation_refused'],
    ['a write', 'DELETE FROM ivory_tenant_acme.deals', 'guard.not_read_only'],
    ['nothing', '', 'guard.unparsable'],
    ['bytes that are no UTF-8', Buffer.from([0x53, 0xff, 0xfe]), 'guard.unparsable'],
    ['megabytes', `SELECT '${'é'.repeat(3_000_000)}'`, 'guard.too_long'],
  ])('%s is a verdict with a code and a reason, and exit 0', async (_what, query, code) => {
    const { exit, stdout } = await guard(['iomete'], query);
    expect(JSON.parse(stdout)).toEqual({ allowed: false, code, reason: expect.stringMatching(/\S/) });
    expect(exit).toBe(0);
  });

  test.each<[string, string[], RegExp]>([
    ['no option', [], /usage/],
    [
      'an unknown target',
      ['--target', 'oracle', '--tenant', 'acme', '--catalog', catalog],
      /--target is one of/,
    ],
    ['no tenant', ['--target', 'iomete', '--catalog', catalog], /usage/],
    [
      'a tenant that is none',
      ['--target', 'iomete', '--tenant', "a' OR 1", '--catalog', catalog],
      /--tenant/,
    ],
    ['an unknown option', ['--target', 'iomete', '--tenant', 'acme', '--catalogue', catalog], /catalogue/],
    ['a catalog that is not there', options('iomete', join(folder, 'none.json')), /no such file/],
    ['a catalog that is no JSON', options('iomete', saved('text.json', '{"sources": [')), /no JSON/],
    [
      'a catalog of another form',
      options('iomete', saved('odd.json', { sources: [{}] })),
      /sources\.0\.target/,
    ],
    [
      'a catalog without the target',
      options('iomete', saved('empty.json', { sources: [] })),
      /none of iomete/,
    ],
    [
      'a target that does not speak the dialect',
      options('questdb', saved('wrong.json', { sources: [{ target: 'questdb', dialect: 'cypher' }] })),
      /does not speak cypher/,
    ],
  ])('%s is exit 2 with the reason on stderr', async (_what, argv, reason) => {
    const { exit, stdout, stderr } = await ivory(argv, 'SELECT 1');
    expect(stderr).toMatch(reason);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  });
});

function saved(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function options(target: string, path = catalog): string[] {
  return ['--target', target, '--tenant', 'acme', '--catalog', path];
}

function guard([target = '', path]: string[], query: string | Buffer) {
  return ivory(options(target, path), query);
}

async function ivory(argv: string[], input: string | Buffer) {
  const child = spawn(process.execPath, [CLI, 'guard', ...argv], { stdio: 'pipe' });
  // a command that refuses its arguments does not read
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const exit = await new Promise((resolve) => child.on('close', resolve));
  return { exit, stdout, stderr };
}
