import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import { type EnvironmentSpec, publishEnvironment, requirementsOf } from './environment-folder.ts';
import type { InstallerPrograms } from './installer.ts';
import { installFailure, isVersionUnknown, versionUnknown } from './installer-failure.ts';
import { normalizedName } from './package-name.ts';
import type { Waiter } from './shared-work.ts';

const BUILD_MS = 10 * 60_000;
const LIST_VERSIONS_MS = 30_000;

export interface BuildPlace {
  installer: InstallerPrograms;
  /** Where drafts are made: on the same file system as the environments. */
  drafts: string;
}

/**
 * Installs a plugin's package aside and publishes the folder when it is complete. Throws InvalidError `plugin.version_unknown`,
 * `plugin.install_failed`; UnavailableError `plugin.registry_unavailable`, `plugin.install_timeout` after 10 minutes; the signal's reason.
 */
export async function buildEnvironment(
  { installer, drafts }: BuildPlace,
  spec: EnvironmentSpec,
  version: string,
  folder: string,
  { signal, log }: Waiter,
): Promise<void> {
  const startedAt = performance.now();
  log(`installing ${spec.name} ${version} (${spec.package})`);
  await inDraft(drafts, spec.name, { signal, log }, async (draft, bounded) => {
    const run = (args: readonly string[]) => installer.uv(args, draft, bounded);
    // Relocatable: its programs find their Python beside them, so that the finished folder can be renamed.
    const made = await run([
      'venv',
      '--quiet',
      '--relocatable',
      '--python',
      installer.python.executable,
      '.',
    ]);
    if (made.code !== 0) throw await failureOf(installer, spec, version, made.stderr, bounded);
    const requirements = requirementsOf(spec, version);
    // Compiled now: in a sandbox a program cannot keep what it compiles, and Meltano would take 2 s longer at every start.
    const how = ['--quiet', '--compile-bytecode', '--python', 'bin/python'];
    const done = await run(['pip', 'install', ...how, ...requirements]);
    if (done.code !== 0) throw await failureOf(installer, spec, version, done.stderr, bounded);
    await publishEnvironment(draft, folder, spec, version);
  });
  log(`installed ${spec.name} ${version} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
}

/** The newest version that can be installed with what else is required. Throws as buildEnvironment does. */
export async function resolveNewest(
  { installer, drafts }: BuildPlace,
  spec: EnvironmentSpec,
  waiter: Waiter,
): Promise<string> {
  return inDraft(drafts, spec.name, waiter, async (draft, bounded) => {
    await writeFile(join(draft, 'requirements.txt'), `${requirementsOf(spec, null).join('\n')}\n`);
    const args = ['--quiet', '--no-header', '--no-annotate', '--python', installer.python.executable];
    const end = await installer.uv(['pip', 'compile', ...args, 'requirements.txt'], draft, bounded);
    if (end.code !== 0) throw await failureOf(installer, spec, null, end.stderr, bounded);
    const version = versionIn(end.stdout, spec.package);
    if (version !== null) return version;
    throw new InvalidError('plugin.install_failed', `The installer names no version of ${spec.package}.`);
  });
}

/** Works in a fresh folder, gone afterwards unless it was renamed; not longer than 10 minutes. */
async function inDraft<T>(
  drafts: string,
  name: string,
  { signal }: Waiter,
  work: (draft: string, bounded: AbortSignal) => Promise<T>,
): Promise<T> {
  await mkdir(drafts, { recursive: true });
  const draft = await mkdtemp(join(drafts, `${name}-`));
  const deadline = AbortSignal.timeout(BUILD_MS);
  try {
    return await work(draft, AbortSignal.any([signal, deadline]));
  } catch (cause) {
    if (signal.aborted || !deadline.aborted) throw cause;
    throw new UnavailableError(
      'plugin.install_timeout',
      `${name} was not installed within ${BUILD_MS / 60_000} minutes.`,
      { cause },
    );
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function failureOf(
  installer: InstallerPrograms,
  spec: EnvironmentSpec,
  version: string | null,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<AppError> {
  const install = { name: spec.name, package: spec.package, version, lines };
  if (!isVersionUnknown(install)) return installFailure(install);
  return versionUnknown(install, await listVersions(installer, spec.package, signal));
}

/** Newest first; empty where nobody can tell. */
async function listVersions(
  installer: InstallerPrograms,
  name: string,
  signal: AbortSignal,
): Promise<string[]> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(LIST_VERSIONS_MS)]);
  const end = await installer
    .pip(['index', 'versions', name.replace(/\[.*$/, '')], bounded)
    .catch(() => null);
  signal.throwIfAborted();
  const [, list = ''] = /^Available versions: (.*)$/m.exec(end?.stdout ?? '') ?? [];
  return list.split(', ').filter((version) => version !== '');
}

/** Of what the installer would install: `name==1.2.3`, one a line, markers behind a semicolon. */
function versionIn(requirements: string, name: string): string | null {
  const pins = requirements.split('\n').map((line) => /^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)/.exec(line));
  return pins.find((pin) => normalizedName(pin?.[1] ?? '') === normalizedName(name))?.[2] ?? null;
}
