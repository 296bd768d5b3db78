import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokenBenchmark } from './outcome.ts';

export interface MeasuredRun {
  seconds: number;
  /** The most memory the process held, MB; null where the system does not tell. */
  peakRssMb: number | null;
  /** What it took of processors, of the user and of the system, up to the last look; null where the system does not tell. */
  cpuS: number | null;
}

export interface MeasuredCommand {
  file: string;
  args: readonly string[];
  /** Files; absent: nothing in, /dev/null out. */
  stdin?: string;
  stdout?: string;
  environment?: Record<string, string>;
}

const LOOK_MS = 25;

/** Runs a program from file to file to its end. Throws BrokenBenchmark with its words when it fails. */
export async function runMeasured({
  file,
  args,
  stdin,
  stdout,
  environment,
}: MeasuredCommand): Promise<MeasuredRun> {
  const errors = join(tmpdir(), `ivory-bench-${process.pid}-${performance.now()}.stderr`);
  const descriptors = [
    openSync(stdin ?? '/dev/null', 'r'),
    openSync(stdout ?? '/dev/null', 'w'),
    openSync(errors, 'w'),
  ];
  const startedAt = performance.now();
  const child = spawn(file, args, {
    stdio: descriptors,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const last = watchFigures(child);
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - startedAt) / 1_000;
  process.off('exit', kill);
  for (const descriptor of descriptors) closeSync(descriptor);
  const said = readFileSync(errors, 'utf8');
  rmSync(errors);
  if (code !== 0)
    throw new BrokenBenchmark(`${file} ${args.join(' ')} ended with ${code}:\n${said.slice(-2_000)}`);
  return { seconds, ...last() };
}

/** Looks at what the kernel itself counts until the process is gone. Answers the last it saw. */
function watchFigures(child: ChildProcess): () => Pick<MeasuredRun, 'peakRssMb' | 'cpuS'> {
  let [peakRssMb, cpuS]: (number | null)[] = [null, null];
  const look = () => {
    peakRssMb = peakRssMbOf(child.pid ?? 0) ?? peakRssMb ?? null;
    cpuS = cpuSecondsOf(child.pid ?? 0) ?? cpuS ?? null;
  };
  const timer = setInterval(look, LOOK_MS);
  child.once('exit', () => clearInterval(timer));
  return () => ({ peakRssMb: peakRssMb ?? null, cpuS: cpuS ?? null });
}

/** VmHWM of a process that lives, MB. */
export function peakRssMbOf(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return found === undefined ? null : Math.round(Number(found) / 1_024);
  } catch {
    return null;
  }
}

const TICKS_A_SECOND = 100;

/** Seconds of processor a process has taken, of the user and of the system. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}
