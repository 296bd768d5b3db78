import { parseArgs } from 'node:util';
import { loadSettings, processEnvironment } from '../config.ts';
import { migrateDatabase } from '../db/migrate.ts';

/** `ivory migrate`: brings DATABASE_URL to the newest schema. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { 'data-dir': { type: 'string' } } });
  const settings = loadSettings(
    (all) => all.pick({ DATABASE_URL: true }),
    processEnvironment(),
    values['data-dir'],
  );
  await migrateDatabase(settings.DATABASE_URL);
  process.stdout.write('The database is up to date.\n');
  return 0;
}
