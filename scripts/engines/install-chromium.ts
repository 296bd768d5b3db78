import { spawnSync } from 'node:child_process';
import { aptInstall } from './apt.ts';

/**
 * Brings the browser the pages are tested in: chromium, from Debian where apt may be used. Does nothing, at once, when it is there. Exit 0 with a
 * line starting with **** where the machine cannot have it.
 */
const BROWSER = 'chromium';

process.exitCode = main();

function main(): number {
  if (starts()) return 0;
  aptInstall([BROWSER]);
  if (starts()) return 0;
  say(
    '**** NO BROWSER: there is no chromium on the PATH and it could not be installed (Debian: apt-get install chromium).',
  );
  say('**** The tests of the queue board in a browser are SKIPPED.');
  return 0;
}

function starts(): boolean {
  return spawnSync(BROWSER, ['--version'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
