import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '../../src/config.ts';
import { aptInstall } from './apt.ts';

/**
 * Brings a server that speaks S3 into .engines/s3: moto from PyPI, in an environment of its own. It checks signatures with the library AWS
 * gives to Python. Does nothing, at once, when it is there. Exit 0 with a line starting with **** where the machine cannot have it.
 */
const PACKAGES = ['moto[s3]==5.2.5', 'flask==3.1.3', 'flask-cors==6.0.5'];

const root = fileURLToPath(new URL('../../.engines/s3', import.meta.url));
const stamp = join(root, 'installed.json');
const wanted = JSON.stringify({ packages: PACKAGES, root });
const python = processEnvironment()['PYTHON'] ?? 'python3';

process.exitCode = main();

function main(): number {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  if (python === 'python3' && !makesEnvironments()) aptInstall(['python3', 'python3-venv']);
  if (!makesEnvironments()) return skip(`it comes from PyPI and ${python} cannot make environments.`);
  say(`installing ${PACKAGES.join(', ')} (about 140 MB)`);
  rmSync(root, { recursive: true, force: true });
  if (!run(python, ['-m', 'venv', root])) return skip('its environment could not be made.');
  if (!run(join(root, 'bin', 'pip'), ['install', '--quiet', ...PACKAGES]))
    return skip('pip could not install it; its messages are above.');
  writeFileSync(stamp, wanted);
  say(`the S3 server is in ${root}`);
  return 0;
}

function makesEnvironments(): boolean {
  return spawnSync(python, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0;
}

/** What it prints goes to stderr: stdout is for the one who called us. */
function run(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function skip(reason: string): number {
  say(`**** NO S3 SERVER: ${reason}`);
  say('**** The tests against S3 are SKIPPED.');
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
