import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const ROOT = process.cwd();
const CATALOGS = 'src/db/schema/catalogs.ts';
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('migrations that make the schema pass', { timeout: 30_000 }, () => {
  expect(checkIn(project((text) => text))).toMatchObject({ status: 0 });
});

test('a column without its migration fails, and the missing step is shown', { timeout: 30_000 }, () => {
  const added = project((text) =>
    text.replace('tenantId: ', "tenantNote: text('tenant_note'),\n    tenantId: "),
  );
  const { status, stderr } = checkIn(added);
  expect(stderr).toContain('ADD COLUMN "tenant_note"');
  expect(status).toBe(1);
});

test('a renamed column fails although nobody is there to say that it was renamed', {
  timeout: 30_000,
}, () => {
  const renamed = project((text) => text.replace("text('tenant_id')", "text('renter_id')"));
  expect(checkIn(renamed)).toMatchObject({ status: 1 });
});

function project(change: (schema: string) => string): string {
  const root = mkdtempSync(join(tmpdir(), 'ivory-check-migrations-'));
  folders.push(root);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const path of ['drizzle', 'src', 'package.json']) cpSync(path, join(root, path), { recursive: true });
  writeFileSync(join(root, CATALOGS), change(readFileSync(join(root, CATALOGS), 'utf8')));
  return root;
}

function checkIn(root: string) {
  const script = join(ROOT, 'scripts/check-migrations.ts');
  return spawnSync(process.execPath, [script], { cwd: root, encoding: 'utf8' });
}
