import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

export interface EngineProcess {
  pid: number;
  /** How it ended and the last it said; null while it runs. */
  ended(): string | null;
  /** Ends it at once and removes its folder. */
  stop(): Promise<void>;
}

/** A server in a process group of its own. It ends, and its folder goes, with stop() or with this process, however that ends. */
export function startEngine(
  command: readonly string[],
  { folder, env }: { folder: string; env: Record<string, string> },
): EngineProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
  let how: string | null = null;
  child.on('error', (error) => {
    how = error.message;
  });
  child.on('exit', (code, signal) => {
    how = `ended with ${code ?? signal}: ${said}`;
  });
  const closed = once(child, 'close').catch(() => {});
  const pid = child.pid ?? 0;
  const guard = guardAgainstOrphans(pid, folder);
  return {
    pid,
    ended: () => how,
    async stop() {
      guard.stdin.end('\n');
      if (how === null) process.kill(-pid, 'SIGKILL');
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its input ends when this process does; a line says that there is nothing left to do. */
function guardAgainstOrphans(pid: number, folder: string) {
  const script = 'read -r _ || { kill -KILL -"$0"; rm -rf -- "$1"; }';
  return spawn('/bin/sh', ['-c', script, String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
