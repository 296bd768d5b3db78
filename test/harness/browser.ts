import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const PROGRAM = 'chromium';
/** Nothing of its own accord: no sandbox where tests run as root, no calls home. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

/** Where chromium is, or null, said loudly. */
export function browserPath(): string | null {
  const { status, stdout } = spawnSync('sh', ['-c', `command -v ${PROGRAM}`], { encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  console.warn('**** NO BROWSER: `make engines` has not installed chromium, so these tests are SKIPPED.');
  return null;
}

export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS, timeout: 120_000 });
}
