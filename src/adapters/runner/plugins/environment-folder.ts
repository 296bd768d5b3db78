import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';
import type { PluginEnvironment } from './plugin.ts';
import type { Python } from './python.ts';

/** What an environment is made of. */
export interface EnvironmentSpec {
  name: string;
  package: string;
  requires: readonly string[];
  executable: string;
  python: Python;
}

const STAMP = 'ivory.json';

/** Written last, into an environment that is complete. */
const Stamp = z.object({ version: z.string(), requirements: z.array(z.string()), prefix: z.string() });
type Stamp = z.infer<typeof Stamp>;

export function requirementsOf(spec: EnvironmentSpec, version: string | null): string[] {
  return [version === null ? spec.package : `${spec.package}==${version}`, ...spec.requires];
}

/** Names a set of requirements and the Python they are installed for. */
export function fingerprintOf(spec: EnvironmentSpec): string {
  const parts = [spec.package, [...spec.requires].sort(), spec.python.version, spec.python.executable];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10);
}

/** The folder's name: "tap-postgres-0.10.0-3f9a01c2d4". */
export function folderNameOf(spec: EnvironmentSpec, version: string): string {
  return `${spec.name}-${version}-${fingerprintOf(spec)}`;
}

/** The environment in a folder if it is there and complete; asking for it counts as using it. */
export async function findEnvironment(
  folder: string,
  spec: EnvironmentSpec,
): Promise<PluginEnvironment | null> {
  const stamp = await readStamp(folder);
  if (stamp === null) return null;
  const now = new Date();
  const isUsed = await utimes(join(folder, STAMP), now, now).then(
    () => true,
    () => false,
  );
  if (!isUsed) return null;
  const executable = join(folder, 'bin', spec.executable);
  if (await isProgram(executable)) return { executable, folder, python: stamp.prefix };
  throw await noProgram(folder, spec);
}

/** Makes a finished draft the environment others find. A complete one that is there already stays. */
export async function publishEnvironment(
  draft: string,
  folder: string,
  spec: EnvironmentSpec,
  version: string,
): Promise<void> {
  const stamp: Stamp = {
    version,
    requirements: requirementsOf(spec, version),
    prefix: spec.python.prefix,
  };
  await chmod(draft, 0o755);
  await writeFile(join(draft, STAMP), JSON.stringify(stamp));
  if ((await readStamp(folder)) !== null) return;
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

/** Removes environments nobody asked for since `before`, and drafts as old; what cannot be removed stays. Answers the names of the former. */
export async function pruneEnvironments(root: string, drafts: string, before: number): Promise<string[]> {
  for (const draft of await foldersOf(drafts)) {
    if (await isOlder(draft, before)) await removed(draft);
  }
  const unused: string[] = [];
  for (const folder of await foldersOf(root)) {
    if (!(await isOlder(join(folder, STAMP), before))) continue;
    // Aside first: nobody finds half of it.
    const aside = join(drafts, `${basename(folder)}-unused-${process.pid}`);
    const isMine = await rename(folder, aside).then(
      () => true,
      () => false,
    );
    if (isMine && (await removed(aside))) unused.push(basename(folder));
  }
  return unused;
}

async function isOlder(path: string, before: number): Promise<boolean> {
  return stat(path).then(
    (file) => file.mtimeMs < before,
    () => false,
  );
}

async function removed(path: string): Promise<boolean> {
  return rm(path, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );
}

async function readStamp(folder: string): Promise<Stamp | null> {
  try {
    return Stamp.parse(JSON.parse(await readFile(join(folder, STAMP), 'utf8')));
  } catch {
    return null;
  }
}

async function noProgram(folder: string, spec: EnvironmentSpec): Promise<InvalidError> {
  const programs = await readdir(join(folder, 'bin')).catch(() => []);
  const own = programs.filter((name) => /^(tap|target|source|destination)-/.test(name));
  const there = own.length === 0 ? '' : ` It has ${own.join(', ')}.`;
  return new InvalidError(
    'plugin.install_failed',
    `${spec.name}: the package ${spec.package} has no program "${spec.executable}".${there}`,
  );
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function foldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}
