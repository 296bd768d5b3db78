import { fileURLToPath } from 'node:url';
import { createCustomRunner } from '../../src/adapters/runner/custom/custom.ts';
import type { CustomTaps } from '../../src/adapters/runner/custom/custom-taps.ts';
import type { Pool } from '../../src/db/client.ts';
import type { Runner } from '../../src/ports/runner.ts';

const command = [process.execPath, fileURLToPath(new URL('./fake-tap.mjs', import.meta.url))] as const;

const TAPS: CustomTaps = new Map([
  ['tap-fake', { command, discover: true }],
  ['tap-still', { command, discover: false }],
  ['tap-gone', { command: ['/nowhere/tap'] as const, discover: true }],
]);

/** The custom runner with taps that do what their config says. */
export function createFakeTapRunner(pool: Pool, idleTimeoutMs = 30_000): Runner {
  return createCustomRunner({ pool, taps: TAPS, idleTimeoutMs });
}
