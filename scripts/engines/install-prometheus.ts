import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadDebian } from './apt.ts';

/**
 * Brings Prometheus and promtool into .engines/prometheus: Debian's package, unpacked and not installed, so that no service of its is
 * started. Does nothing, at once, when they are there. Exit 0 with a line starting with **** where the machine cannot have them.
 */
const PACKAGE = 'prometheus';
const RELEASE = 'bookworm';
const PROGRAMS = ['prometheus', 'promtool'];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../.engines/prometheus');
const stamp = join(root, 'installed.json');
const wanted = JSON.stringify({ package: PACKAGE, release: RELEASE, root });

process.exitCode = main();

function main(): number {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  say(`fetching ${PACKAGE} of Debian ${RELEASE}`);
  const folder = join(root, 'package');
  mkdirSync(folder);
  if (!downloadDebian(RELEASE, [PACKAGE], folder))
    return skip(`it comes from Debian ${RELEASE} and could not be fetched.`);
  for (const program of PROGRAMS) renameSync(join(folder, 'usr', 'bin', program), join(root, program));
  rmSync(folder, { recursive: true });
  if (!PROGRAMS.every(starts)) return skip('its programs do not start on this machine.');
  writeFileSync(stamp, wanted);
  say(`Prometheus is in ${root}`);
  return 0;
}

function starts(program: string): boolean {
  return spawnSync(join(root, program), ['--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function skip(reason: string): number {
  say(`**** NO PROMETHEUS: ${reason}`);
  say('**** The tests against Prometheus are SKIPPED.');
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
