import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InvalidError } from '../errors.ts';
import type { Pool } from './client.ts';
import { MIGRATIONS } from './migrate.ts';

const Journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })).min(1) });

/** No such table, no such schema. */
const NEVER_MIGRATED = new Set(['42P01', '3F000']);

/**
 * Throws InvalidError `db.not_migrated` unless the newest migration of this version is applied; a database that is further on is fine.
 * What else keeps it from being read (Postgres is down) is thrown as it is.
 */
export async function assertMigrated(pool: Pool): Promise<void> {
  const newest = newestMigration();
  const applied = await newestApplied(pool);
  if (applied >= newest.when) return;
  throw new InvalidError(
    'db.not_migrated',
    `The database lacks migration ${newest.tag}: run \`ivory migrate\`, then start this again.`,
  );
}

function newestMigration(): { tag: string; when: number } {
  const { entries } = Journal.parse(JSON.parse(readFileSync(join(MIGRATIONS, 'meta/_journal.json'), 'utf8')));
  return entries.reduce((newest, entry) => (entry.when > newest.when ? entry : newest));
}

/** When the newest applied migration was made, in ms since 1970, as drizzle records it; 0: none is. */
async function newestApplied(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ newest: string | null }>(
      'select max(created_at) as newest from drizzle.__drizzle_migrations',
    );
    return Number(rows[0]?.newest ?? 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && NEVER_MIGRATED.has(String(error.code))) return 0;
    throw error;
  }
}
