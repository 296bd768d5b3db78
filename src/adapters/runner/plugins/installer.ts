import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { uvEnvironment } from './installer-environment.ts';
import { installerUnavailable } from './installer-failure.ts';
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

/** The programs that make environments on this machine, looked for when first needed. */
export interface Installer {
  /** Throws UnavailableError `plugin.no_python`. */
  python(waiter: Waiter): Promise<Python>;
  /** Installs uv beside the environments when it is not there yet. Throws as `python` does, and what an install throws. */
  programs(waiter: Waiter): Promise<InstallerPrograms>;
}

export interface InstallerPrograms {
  python: Python;
  /** Runs uv in a folder, which is removed should this process be killed meanwhile. */
  uv(args: readonly string[], cwd: string, signal: AbortSignal): Promise<ProgramEnd>;
  /** Runs pip; null where there is none. */
  pip(args: readonly string[], signal: AbortSignal): Promise<ProgramEnd | null>;
}

interface Paths {
  uv: string;
  pip: readonly [string, ...string[]] | null;
}

export function createInstaller(options: InstallerOptions): Installer {
  const pythonOnce = createOnce<Python>();
  const programsOnce = createOnce<InstallerPrograms>();
  const python = (waiter: Waiter) =>
    pythonOnce(waiter, ({ signal }) => probePython(options.python, options.installerEnvironment, signal));
  return {
    python,
    programs: (waiter) =>
      programsOnce(waiter, async (worker) => {
        const found = await python(worker);
        return programsAt(options, found, await findPaths(options, found, worker), worker.signal);
      }),
  };
}

/** Work that is done again only while it fails. */
function createOnce<T>(): (waiter: Waiter, work: (worker: Waiter) => Promise<T>) => Promise<T> {
  const going = createSharedWork<{ value: T }>();
  let done: { value: T } | null = null;
  return async (waiter, work) => {
    done ??= await going.join('once', waiter, async (worker) => ({ value: await work(worker) }));
    return done.value;
  };
}

async function programsAt(
  { folder, installerEnvironment: environment }: InstallerOptions,
  python: Python,
  { uv, pip }: Paths,
  signal: AbortSignal,
): Promise<InstallerPrograms> {
  const runPip = async (args: readonly string[], pipSignal: AbortSignal) =>
    pip && runProgram({ command: [...pip, ...args], cwd: '/', env: environment }, pipSignal);
  const pipConfig = (await runPip(['config', 'list'], signal))?.stdout ?? '';
  const env = { ...uvDefaults(folder), ...uvEnvironment(environment, pipConfig) };
  return {
    python,
    uv(args, cwd, uvSignal) {
      const run = (own: Record<string, string>) =>
        runProgram({ command: [uv, ...args], cwd, env: { ...env, ...own }, scratch: cwd }, uvSignal);
      return args[0] === 'pip' ? withTemporary(join(cwd, '.tmp'), (TMPDIR) => run({ TMPDIR })) : run({});
    },
    pip: runPip,
  };
}

/** `uv pip` leaves locks behind among temporary files; `uv venv` does not, and wants its folder empty. */
async function withTemporary<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The cache lies beside the environments: files are linked from it, so that one more environment costs little disk. */
function uvDefaults(folder: string): Record<string, string> {
  return { UV_CACHE_DIR: join(folder, '.uv-cache'), UV_NO_PROGRESS: '1', UV_PYTHON_DOWNLOADS: 'never' };
}

async function findPaths(options: InstallerOptions, python: Python, worker: Waiter): Promise<Paths> {
  const ownPip = [python.program, '-m', 'pip'] as const;
  if (options.uv !== undefined) return { uv: options.uv, pip: python.hasPip ? ownPip : null };
  if (!python.hasVenv && !python.hasPip) return { uv: await uvOnPath(options), pip: null };
  const folder = join(options.folder, `uv-${UV_VERSION}-python-${python.version}`);
  const uv = join(folder, 'bin', 'uv');
  if (!(await isProgram(uv))) {
    const onWait = () => worker.log('another process installs uv; waiting for it');
    const lock = { signal: worker.signal, onWait };
    await withBuildLock(join(options.folder, '.locks', 'uv'), lock, async () => {
      if (!(await isProgram(uv))) await installUv(options, python, folder, worker);
    });
  }
  // A venv of its own where Python could make one, else what pip put into a plain folder.
  const venvPython = join(folder, 'bin', 'python');
  return { uv, pip: (await isProgram(venvPython)) ? [venvPython, '-m', 'pip'] : ownPip };
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
    if (end.code !== 0) throw installerUnavailable(`uv ${UV_VERSION}`, end.stderr);
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
