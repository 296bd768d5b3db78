import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** Fails when the tables of src/db/schema are not what the migrations in drizzle/ make. */
const scratch = mkdtempSync(join(tmpdir(), 'ivory-migrations-'));
/** drizzle-kit takes a path from the working folder only. */
const out = relative('', scratch);
try {
  process.exitCode = check();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function check(): number {
  cpSync('drizzle', scratch, { recursive: true });
  const before = new Set(migrations());
  drizzleKit('check', '--out', out);
  const said = drizzleKit('generate', '--out', out, '--schema', './src/db/schema/*.ts');
  // It exits 0 as well when it wanted to ask something (was this column renamed?) and had nobody to ask.
  if (said.includes('No schema changes')) {
    console.log(`${before.size} migrations make the schema`);
    return 0;
  }
  const steps = migrations().filter((name) => !before.has(name));
  console.error('The migrations in drizzle/ do not make the schema; run npm run db:generate.');
  console.error(steps.map((name) => readFileSync(join(scratch, name), 'utf8')).join('\n') || said);
  return 1;
}

function migrations(): string[] {
  return readdirSync(scratch).filter((name) => name.endsWith('.sql'));
}

/** What it said on stdout. Throws when it fails; its stderr is passed on. */
function drizzleKit(...args: readonly string[]): string {
  return execFileSync('node_modules/.bin/drizzle-kit', [...args, '--dialect', 'postgresql'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
}
