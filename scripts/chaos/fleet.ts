import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Link, openLink } from './link.ts';
import type { Service } from './plan.ts';
import { signalled } from './services.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
/** A process that ends by itself is started again, as a supervisor would. */
const RESTART_MS = 500;
/** Then it hangs: much more than Ivory promises, for a machine with more processes than cores. */
const TERM_MS = 120_000;

/** One `ivory` process that is kept running; its connections to the services go through links of its own. */
export interface Member {
  name: string;
  args: readonly string[];
  links: Record<Service, Link>;
  pid(): number | null;
  /** Resolves when the present process serves. */
  ready(): Promise<void>;
  kill(downMs: number): Promise<void>;
  terminate(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Ends it for good. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** How a process ended. */
export interface End {
  name: string;
  pid: number;
  /** null: nobody asked it to. */
  asked: NodeJS.Signals | null;
  code: number | null;
  signal: string | null;
  wasReady: boolean;
  /** From the signal to the end; 0 when nobody asked. */
  tookMs: number;
  lastWords: string[];
}

export interface FleetOptions {
  folder: string;
  /** name -> arguments of `ivory`. */
  members: Record<string, readonly string[]>;
  ports: Record<Service, number>;
  environment(urls: Record<Service, string>, name: string): Record<string, string>;
  urls: Record<Service, string>;
}

export interface Fleet {
  members: readonly Member[];
  member(name: string): Member;
  ends: readonly End[];
  logs: readonly string[];
  close(): Promise<void>;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const ends: End[] = [];
  const logs: string[] = [];
  const members: Member[] = [];
  const alive = new Set<ChildProcess>();
  // whatever becomes of this process, its fleet does not outlive it
  const leave = () => {
    for (const child of alive) child.kill('SIGKILL');
  };
  process.once('exit', leave);
  for (const [name, args] of Object.entries(options.members)) {
    const links = {
      postgres: await openLink(options.ports.postgres),
      redis: await openLink(options.ports.redis),
    };
    const log = join(options.folder, 'logs', `${name}.log`);
    logs.push(log);
    const urls = {
      postgres: withPort(options.urls.postgres, links.postgres.port),
      redis: withPort(options.urls.redis, links.redis.port),
    };
    const environment = options.environment(urls, name);
    members.push(keepRunning({ name, args, links, log, environment, ends, alive }));
  }
  return {
    members,
    member(name) {
      const found = members.find((member) => member.name === name);
      if (!found) throw new Error(`no process ${name}`);
      return found;
    },
    ends,
    logs,
    async close() {
      await Promise.all(members.map((member) => member.stop('SIGKILL')));
      process.off('exit', leave);
      await Promise.all(members.flatMap(({ links }) => Object.values(links)).map((link) => link.close()));
    },
  };
}

interface Keeping {
  name: string;
  args: readonly string[];
  links: Record<Service, Link>;
  log: string;
  environment: Record<string, string>;
  ends: End[];
  alive: Set<ChildProcess>;
}

interface Present {
  child: ChildProcess;
  asked: { signal: NodeJS.Signals; atMs: number } | null;
  isReady: boolean;
  ended: Promise<void>;
}

function keepRunning({ name, args, links, log, environment, ends, alive }: Keeping): Member {
  const file = createWriteStream(log, { flags: 'a' });
  const waiting: (() => void)[] = [];
  let closed = false;
  let downMs = RESTART_MS;
  let present: Present = start();

  function start(): Present {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    alive.add(child);
    const lastWords: string[] = [];
    const now: Present = { child, asked: null, isReady: false, ended: Promise.resolve() };
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('ready')) return;
      now.isReady = true;
      for (const resolve of waiting.splice(0)) resolve();
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      file.write(`${line}\n`);
      lastWords.push(line);
      if (lastWords.length > 12) lastWords.shift();
    });
    now.ended = new Promise<void>((resolve) => {
      child.once('close', (code, signal) => {
        alive.delete(child);
        const { asked } = now;
        const tookMs = asked ? performance.now() - asked.atMs : 0;
        const wasReady = now.isReady;
        now.isReady = false;
        ends.push({
          name,
          pid: child.pid ?? 0,
          asked: asked?.signal ?? null,
          code,
          signal,
          wasReady,
          tookMs,
          lastWords,
        });
        resolve();
        if (!closed) void wait(downMs).then(again);
        downMs = RESTART_MS;
      });
    });
    return now;
  }

  function again(): void {
    if (!closed) present = start();
  }

  function ask(signal: NodeJS.Signals): Promise<void> {
    const now = present;
    now.asked ??= { signal, atMs: performance.now() };
    now.child.kill(signal);
    return now.ended;
  }

  return {
    name,
    args,
    links,
    pid: () => present.child.pid ?? null,
    ready: () =>
      present.isReady ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
    async kill(ms) {
      downMs = ms;
      await ask('SIGKILL');
    },
    async terminate() {
      const now = present;
      const late = setTimeout(() => now.child.kill('SIGKILL'), TERM_MS);
      await ask('SIGTERM');
      clearTimeout(late);
    },
    freeze: () => void signalled(present.child.pid ?? 0, 'SIGSTOP'),
    thaw: () => void signalled(present.child.pid ?? 0, 'SIGCONT'),
    async stop(signal) {
      closed = true;
      const late = setTimeout(() => present.child.kill('SIGKILL'), TERM_MS);
      present.child.kill('SIGCONT');
      await ask(signal);
      clearTimeout(late);
      file.end();
    },
  };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}
