import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MeltanoLoader } from '../../src/adapters/runner/meltano/loader.ts';
import { createMeltanoRunner } from '../../src/adapters/runner/meltano/meltano.ts';
import { targetProgram } from '../../src/adapters/runner/meltano/target-program.ts';
import { createPluginRegistry } from '../../src/adapters/runner/plugins/registry.ts';
import type { ProcessHost } from '../../src/adapters/runner/process/process-host.ts';
import type { Pool } from '../../src/db/client.ts';
import type { Runner } from '../../src/ports/runner.ts';
import { engines } from './engines.ts';
import { testProcessHost } from './fake-taps.ts';

const ENGINES = fileURLToPath(new URL('../../.engines', import.meta.url));

/** `ivory target` as compose gives it to the runner. */
export const TARGET = targetProgram(
  fileURLToPath(new URL('../../src/cli/target/program.ts', import.meta.url)),
);

export interface TestMeltanoOptions {
  pool: Pool;
  loader?: MeltanoLoader;
  idleTimeoutMs?: number;
  tapsFile?: string;
  host?: ProcessHost;
}

/** The runner with real Meltano and the taps of the registry. */
export function createTestMeltanoRunner(options: TestMeltanoOptions): Runner {
  return createMeltanoRunner({
    host: options.host ?? testProcessHost(),
    pool: options.pool,
    registry: createPluginRegistry({ protocol: 'singer', tapsFile: options.tapsFile }),
    environments: engines.plugins(),
    loader: options.loader ?? { kind: 'ivory' },
    target: TARGET,
    idleTimeoutMs: options.idleTimeoutMs ?? 120_000,
  });
}

/** An operator's registry file with one tap: a Node script that is started as a program. Its folder is outside any TMPDIR of a test. */
export async function registryWithScript(
  tapName: string,
  script: string,
): Promise<{ tapsFile: string; remove(): Promise<void> }> {
  await mkdir(ENGINES, { recursive: true });
  const folder = await mkdtemp(join(ENGINES, '.script-'));
  const executable = join(folder, tapName);
  await writeFile(executable, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  await chmod(executable, 0o755);
  const tapsFile = join(folder, 'taps.json');
  const entry = { package: null, executable, capabilities: ['catalog', 'discover', 'state'] };
  await writeFile(tapsFile, JSON.stringify({ taps: { [tapName]: entry } }));
  return { tapsFile, remove: () => rm(folder, { recursive: true, force: true }) };
}
