import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { uvEnvironment } from './installer-environment.ts';
import { installFailure } from './installer-failure.ts';
import { noPython, type Python, probePython } from './python.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';
import { createSharedWork, type Waiter } from './shared-work.ts';

/** The uv that environments are made with where this machine is asked to bring none of its own. */
export const UV_VERSION = '0.13.9';

export interface InstallerOptions {
  /** Where the installer itself is kept. */
  folder: string;
  /** The Python that environments are made with: "python3". */
  python: string;
  /** What the installer's processes get as their environment: PATH, HOME, proxies, PIP_*, UV_*. */
  installerEnvironment: Record<string, string>;
  /** A uv to use; by default one is installed into the folder. */
  uv?: string;
}

/** The programs that make environments, on this machine. */
export interface Installer {
  python: Python;
  /** Runs uv in a folder, which is removed should this process be killed meanwhile. */
  uv(args: readonly string[], cwd: string, signal: AbortSignal): Promise<ProgramEnd>;
  /** Runs pip; null where there is none. */
  pip(args: readonly string[], signal: AbortSignal): Promise<ProgramEnd | null>;
}

interface Programs {
  python: Python;
  uv: string;
  pip: readonly [string, ...string[]] | null;
}

/**
 * Answers how to open the installer: finds Python, and installs uv beside the environments when it is not there yet.
 * Throws UnavailableError `plugin.no_python` naming what this machine lacks, and what an install throws.
 */
export function createInstallers(options: InstallerOptions): { open(waiter: Waiter): Promise<Installer> } {
  const opening = createSharedWork<Installer>();
  let opened: Installer | null = null;
  return {
    open: async (waiter) =>
      opened ??
      opening.join('installer', waiter, async (worker) => {
        const programs = await programsOf(options, worker);
        opened = await installerOf(options, programs, worker.signal);
        return opened;
      }),
  };
}

async function installerOf(
  { folder, installerEnvironment: environment }: InstallerOptions,
  { python, uv, pip }: Programs,
  signal: AbortSignal,
): Promise<Installer> {
  const runPip = async (args: readonly string[], pipSignal: AbortSignal) =>
    pip && runProgram({ command: [...pip, ...args], cwd: '/', env: environment }, pipSignal);
  const pipConfig = (await runPip(['config', 'list'], signal))?.stdout ?? '';
  const env = { ...uvDefaults(folder), ...uvEnvironment(environment, pipConfig) };
  return {
    python,
    uv: (args, cwd, uvSignal) => runProgram({ command: [uv, ...args], cwd, env, scratch: cwd }, uvSignal),
    pip: runPip,
  };
}

/** The cache lies beside the environments: files are linked from it, so that one more environment costs little disk. */
function uvDefaults(folder: string): Record<string, string> {
  return { UV_CACHE_DIR: join(folder, '.uv-cache'), UV_NO_PROGRESS: '1', UV_PYTHON_DOWNLOADS: 'never' };
}

async function programsOf(options: InstallerOptions, worker: Waiter): Promise<Programs> {
  const python = await probePython(options.python, options.installerEnvironment, worker.signal);
  const ownPip = python.hasPip ? ([python.program, '-m', 'pip'] as const) : null;
  if (options.uv !== undefined) return { python, uv: options.uv, pip: ownPip };
  if (!python.hasVenv && !python.hasPip) return { python, uv: await uvOnPath(options), pip: null };
  const folder = join(options.folder, `uv-${UV_VERSION}-python-${python.version}`);
  const programs = toolsIn(folder, python);
  if (!(await isProgram(programs.uv))) {
    const lock = {
      signal: worker.signal,
      onWait: () => worker.log('another process installs uv; waiting for it'),
    };
    await withBuildLock(join(options.folder, '.locks', 'uv'), lock, async () => {
      if (!(await isProgram(programs.uv))) await installUv(options, python, folder, worker);
    });
  }
  return programs;
}

/** A venv of its own where Python can make one, else what pip puts into a plain folder. */
function toolsIn(folder: string, python: Python): Programs {
  return python.hasVenv
    ? { python, uv: join(folder, 'bin', 'uv'), pip: [join(folder, 'bin', 'python'), '-m', 'pip'] }
    : { python, uv: join(folder, 'bin', 'uv'), pip: [python.program, '-m', 'pip'] };
}

async function installUv(
  { folder: root, installerEnvironment: env }: InstallerOptions,
  python: Python,
  folder: string,
  { signal, log }: Waiter,
): Promise<void> {
  log(`installing uv ${UV_VERSION}, which makes Python environments`);
  const draft = join(root, '.building', `uv-${process.pid}-${Date.now()}`);
  await mkdir(draft, { recursive: true });
  const run = async (program: string, args: readonly string[]) => {
    const end = await runProgram({ command: [program, ...args], cwd: draft, env, scratch: draft }, signal);
    if (end.code !== 0)
      throw installFailure({ name: 'uv', package: 'uv', version: UV_VERSION, lines: end.stderr });
  };
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`];
  try {
    if (python.hasVenv) {
      await run(python.executable, ['-m', 'venv', draft]);
      await run(join(draft, 'bin', 'python'), install);
    } else {
      await run(python.program, [...install, '--target', draft]);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function uvOnPath({ python, installerEnvironment }: InstallerOptions): Promise<string> {
  for (const folder of (installerEnvironment['PATH'] ?? '').split(delimiter)) {
    const program = join(folder || '/nowhere', 'uv');
    if (await isProgram(program)) return program;
  }
  throw noPython(`"${python}" has neither venv nor pip, and uv is not on the PATH.`);
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
