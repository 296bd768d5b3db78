import { z } from 'zod';
import { UnavailableError } from '../../../errors.ts';
import { runProgram } from './run-program.ts';

/** The Python that environments are made with. */
export interface Python {
  /** How it was named: what its own modules are run with. */
  program: string;
  /** "3.11.7" */
  version: string;
  /** The interpreter itself, where `program` may be a shim or a link. */
  executable: string;
  /** Folder of its standard library: environments made with it read it. */
  prefix: string;
  hasVenv: boolean;
  hasPip: boolean;
}

const OLDEST = [3, 10] as const;
const INSTALL =
  'Install Python 3.10 or newer with its venv module (Debian and Ubuntu: apt-get install python3 python3-venv) or set PYTHON to one.';

const PROBE = `
import importlib.util, json, platform, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({"version": platform.python_version(), "executable": getattr(sys, "_base_executable", "") or sys.executable,
  "prefix": sys.base_prefix, "hasVenv": has("venv") and has("ensurepip"), "hasPip": has("pip")}))`;

const Answer = z.object({
  version: z.string(),
  executable: z.string(),
  prefix: z.string(),
  hasVenv: z.boolean(),
  hasPip: z.boolean(),
});

/** Asks a Python what it is. Throws UnavailableError `plugin.no_python` where there is none, or one too old, saying what to install. */
export async function probePython(
  program: string,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Python> {
  const python = { program, ...(await answerOf(program, env, signal)) };
  if (isNewEnough(python.version)) return python;
  throw new UnavailableError('plugin.no_python', `Python at "${program}" is ${python.version}. ${INSTALL}`);
}

/** The error of a machine on which no environment can be made. */
export function noPython(what: string, cause?: unknown): UnavailableError {
  return new UnavailableError('plugin.no_python', `${what} ${INSTALL}`, { cause });
}

async function answerOf(program: string, env: Record<string, string>, signal: AbortSignal) {
  try {
    const { stdout } = await runProgram({ command: [program, '-c', PROBE], cwd: '/', env }, signal);
    return Answer.parse(JSON.parse(stdout));
  } catch (cause) {
    signal.throwIfAborted();
    throw noPython(`"${program}" is no Python that runs on this machine.`, cause);
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
