import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The program a command starts, as an absolute path; null: there is none at its path or on PATH, or it may not be run. */
export function findProgram(program: string, path: string | undefined): string | null {
  const places = program.includes('/')
    ? [resolve(program)]
    : (path ?? '').split(':').map((folder) => join(folder, program));
  return places.find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
