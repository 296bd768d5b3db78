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
  drizzleKit('generate', '--out', out, '--schema', './src/db/schema/*.ts');
  const missing = migrations().filter((name) => !before.has(name));
  for (const name of missing) {
    console.error(
      `drizzle/ does not hold this step to the schema; run npm run db:generate:\n${readFileSync(join(scratch, name), 'utf8')}`,
    );
  }
  if (missing.length === 0) console.log(`${before.size} migrations make the schema`);
  return missing.length === 0 ? 0 : 1;
}

function migrations(): string[] {
  return readdirSync(scratch).filter((name) => name.endsWith('.sql'));
}

/** Throws with what it said when it fails, also when it wants to ask whether a column was renamed. */
function drizzleKit(...args: readonly string[]): void {
  execFileSync('node_modules/.bin/drizzle-kit', [...args, '--dialect', 'postgresql'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
