import { fileURLToPath } from 'node:url';
import { createCustomRunner } from '../../src/adapters/runner/custom/custom.ts';
import type { CustomTaps } from '../../src/adapters/runner/custom/custom-taps.ts';
import { createProcessHost, type ProcessHost } from '../../src/adapters/runner/process/process-host.ts';
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
  return createCustomRunner({ host: testProcessHost(), pool, taps: TAPS, idleTimeoutMs });
}

/** A host with room enough for any test's processes. */
export function testProcessHost(): ProcessHost {
  const limits = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };
  return createProcessHost({ limits, sandbox: 'off' });
}
