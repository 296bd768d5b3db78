import { closeSync, existsSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { findProgram } from './find-program.ts';

/** Never shown whole for the sake of one file in them. */
const TOO_WIDE = ['/', '/etc', '/home', '/mnt', '/opt', '/root', '/srv', '/tmp', '/var', '/var/tmp'];
const BESIDE_BIN = ['lib', 'lib64', 'libexec', 'conf'];
const MAX_HOPS = 16;
const SHEBANG_BYTES = 512;

/**
 * Files and folders a command needs to read so that it starts: where its program and its scripts are, through every link on the way; the
 * interpreter its first line names; the Python an environment was made from; the packages of Node.
 */
export function pathsToRun(command: readonly string[], path: string | undefined): string[] {
  const [program = '', ...args] = command;
  const found = new Set<string>();
  const seen = new Set<string>();
  const scripts = args.filter((arg) => isAbsolute(arg) && existsSync(arg));
  const files = [findProgram(program, path) ?? [], scripts].flat();
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    for (const hop of hopsOf(file)) {
      if (seen.has(hop)) continue;
      seen.add(hop);
      for (const each of placesOf(hop)) found.add(each);
      files.push(...interpreterOf(hop, path), ...pythonOf(hop));
    }
  }
  return [...found];
}

/** A path and what it leads to, link by link. */
function hopsOf(file: string): string[] {
  const hops = [file];
  for (let at = file; hops.length < MAX_HOPS; ) {
    const target = tryTo(() => readlinkSync(at));
    if (target === null) break;
    at = resolve(dirname(at), target);
    hops.push(at);
  }
  return hops;
}

function placesOf(file: string): string[] {
  const folder = dirname(file);
  const tooWide = [...TOO_WIDE, homedir()];
  const own = tooWide.includes(folder) ? file : folder;
  const installation = basename(folder) === 'bin' && !tooWide.includes(dirname(folder));
  return [own, ...(installation ? besideBin(dirname(folder)) : []), ...nodePackages(file)];
}

/** An installation is more than its bin folder; a whole environment is known by its file. */
function besideBin(prefix: string): string[] {
  if (existsSync(join(prefix, 'pyvenv.cfg'))) return [prefix];
  return BESIDE_BIN.map((name) => join(prefix, name)).filter((each) => existsSync(each));
}

/** Where Node looks for packages, and what says how a file is to be read. */
function nodePackages(file: string): string[] {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const above = (name: string) =>
    ancestorsOf(file)
      .map((folder) => join(folder, name))
      .filter((each) => existsSync(each));
  return [...above('package.json').slice(0, 1), ...above('node_modules')];
}

/** "#!/usr/bin/env node", "#!/opt/tap/bin/python -E". */
function interpreterOf(file: string, path: string | undefined): string[] {
  const [, first = '', second] = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(firstBytes(file)) ?? [];
  const name = basename(first) === 'env' ? second : first;
  const program = name ? findProgram(name, path) : null;
  return program === null ? [] : [program];
}

/** The interpreter of the environment a program lies in, and the one that was made from. */
function pythonOf(file: string): string[] {
  const folder = dirname(file);
  const settings = tryTo(() => readFileSync(join(dirname(folder), 'pyvenv.cfg'), 'utf8'));
  if (settings === null) return [];
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(settings)?.[1];
  const pythons = [join(folder, 'python'), ...(home === undefined ? [] : [join(home, 'python3')])];
  return pythons.filter((each) => existsSync(each));
}

function ancestorsOf(file: string): string[] {
  const folders: string[] = [];
  for (let at = dirname(file); at !== dirname(at); at = dirname(at)) folders.push(at);
  return folders;
}

function firstBytes(file: string): string {
  const handle = tryTo(() => openSync(file, 'r'));
  if (handle === null) return '';
  const bytes = Buffer.alloc(SHEBANG_BYTES);
  const length = tryTo(() => readSync(handle, bytes, 0, SHEBANG_BYTES, 0)) ?? 0;
  closeSync(handle);
  return bytes.toString('latin1', 0, length);
}

/** null: it is not there, or not to be read. */
function tryTo<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
