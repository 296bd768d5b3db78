import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** The folder of the migrations and their journal. */
export const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));
/** Any number all Ivory processes agree on: one migrates, the others wait. */
const MIGRATION_LOCK = 7_480_312_205;

/** Brings the database to the newest schema. Running it twice, or twice at once, changes nothing more. */
export async function migrateDatabase(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(sql), { migrationsFolder: MIGRATIONS });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
