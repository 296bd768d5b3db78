import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./cpython.py', import.meta.url));

/** The answers in order, or why the text is no expression ("!SyntaxError"). */
export type Answers = string[] | string;

export interface CPython {
  ask(fn: string, values: readonly string[], names?: boolean): Promise<Answers>;
  close(): Promise<void>;
}

/** The version these answers are compared with; null: there is none here. */
export function pythonVersion(): string | null {
  const { status, stdout } = spawnSync(
    'python3',
    ['-c', 'import platform; print(platform.python_version())'],
    { encoding: 'utf8' },
  );
  return status === 0 ? stdout.trim() : null;
}

/** One python3 for a whole file of tests. */
export function startPython(): CPython {
  const child = spawn('python3', [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONHASHSEED: '0', TZ: 'UTC' },
  });
  const lines = createInterface({ input: child.stdout });
  const waiting: ((line: string) => void)[] = [];
  lines.on('line', (line) => waiting.shift()?.(line));
  return {
    async ask(fn, values, names = true) {
      const answered = new Promise<string>((resolve) => waiting.push(resolve));
      child.stdin.write(`{"fn":${JSON.stringify(fn)},"names":${names},"values":[${values.join(',')}]}\n`);
      return JSON.parse(await answered);
    },
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
