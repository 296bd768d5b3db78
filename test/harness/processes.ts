import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** An `ivory` process under test. */
export interface IvoryProcess {
  name: string;
  pid: number;
  /** What followed "ready" on stdout. */
  ready: string;
  /** Everything it wrote to stderr so far. */
  log(): string;
  /** Sends a signal and waits for the end; answers the exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

type Environment = Record<string, string>;

/** Starts `ivory <args>` with nothing but the given environment and waits for its "ready" line. Rejects when it ends before. */
export async function startIvory(args: string[], environment: Environment): Promise<IvoryProcess> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  // Whatever becomes of the test, nothing outlives its process.
  const leave = () => child.kill('SIGKILL');
  process.once('exit', leave);
  child.once('exit', () => process.off('exit', leave));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = await Promise.race([
    readyLine(child),
    ended.then((code) =>
      Promise.reject(new Error(`ivory ${args.join(' ')} ended with ${code} before it was ready:\n${log}`)),
    ),
  ]);
  return {
    name: args.join(' '),
    pid: child.pid ?? 0,
    ready,
    log: () => log,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs `ivory <args>` to its end and answers its stdout, trimmed. Rejects when it fails. */
export async function runIvory(args: string[], environment: Environment, input = ''): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  const running = promisify(execFile)(process.execPath, [CLI, ...args], { env });
  running.child.stdin?.end(input);
  return (await running).stdout.trim();
}

async function readyLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready')) return line.slice('ready'.length).trim();
  }
  return new Promise<never>(() => {});
}
