import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '0.8.1';
const FOLDER = fileURLToPath(new URL('../../.engines/target-postgres', import.meta.url));
const INSTALL_MS = 300_000;

export const OTHER_NAME = `MeltanoLabs target-postgres ${VERSION}`;

/** MeltanoLabs' loader in a Python environment of its own, made at the first call and kept. null, and said so, where it cannot be. */
export async function installTargetPostgres(say: (line: string) => void): Promise<string | null> {
  const program = `${FOLDER}/bin/target-postgres`;
  if (existsSync(program)) return program;
  const run = (file: string, args: string[]) => promisify(execFile)(file, args, { timeout: INSTALL_MS });
  try {
    say(`installing ${OTHER_NAME} into .engines/`);
    await run('python3', ['-m', 'venv', FOLDER]);
    await run(`${FOLDER}/bin/pip`, ['install', '--quiet', `meltanolabs-target-postgres==${VERSION}`]);
    return program;
  } catch (error) {
    say(`NO TARGET-POSTGRES: the other side is SKIPPED. ${error instanceof Error ? error.message : error}`);
    return null;
  }
}
