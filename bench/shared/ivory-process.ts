import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BrokenBenchmark } from './outcome.ts';

export const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export interface ServingProcess {
  /** What followed "ready" on its stdout. */
  ready: string;
  pid: number;
  log(): string;
  end(): Promise<void>;
}

/** Starts a script with nothing but the given environment and waits for its "ready" line; its log goes to a file, as in production. */
export async function startServing(
  script: string,
  args: readonly string[],
  { environment, folder }: { environment: Record<string, string>; folder: string },
): Promise<ServingProcess> {
  const logPath = join(folder, `process-${performance.now()}.log`);
  const logFile = openSync(logPath, 'w');
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', logFile],
  });
  closeSync(logFile);
  const exited = once(child, 'exit');
  const log = () => readFileSync(logPath, 'utf8');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = exited.then((): never => {
    throw new BrokenBenchmark(`${script} ${args.join(' ')} ended before it was ready:\n${log()}`);
  });
  if (!child.stdout) throw new BrokenBenchmark('the process has no stdout');
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<string>((resolve) => {
    lines.on('line', (line) => line.startsWith('ready') && resolve(line.slice('ready'.length).trim()));
  });
  const end = async () => {
    child.kill('SIGTERM');
    await exited;
    process.off('exit', kill);
  };
  return { ready: await Promise.race([ready, ended]), pid: child.pid ?? 0, log, end };
}
