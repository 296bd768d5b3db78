import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAirbyteRunner } from '../../../src/adapters/runner/airbyte/airbyte.ts';
import type { PluginRegistry } from '../../../src/adapters/runner/plugins/plugin.ts';
import { createPluginRegistry } from '../../../src/adapters/runner/plugins/registry.ts';
import type { Pool } from '../../../src/db/client.ts';
import type { Runner } from '../../../src/ports/runner.ts';
import { testProcessHost } from '../fake-taps.ts';

/** Scripts, each made a program as a source is one. */
export interface SourcePrograms {
  /** As an operator lists them in TAPS_FILE. */
  sources: PluginRegistry;
  runner(options: { pool: Pool; idleTimeoutMs: number }): Runner;
  remove(): Promise<void>;
}

/** `scripts`: name of a source -> its file. */
export async function makeSourcePrograms(scripts: Record<string, URL>): Promise<SourcePrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'ivory-sources-'));
  const entries = await Promise.all(
    Object.entries(scripts).map(
      async ([name, script]) => [name, await program(folder, name, script)] as const,
    ),
  );
  const tapsFile = join(folder, 'taps.json');
  await writeFile(tapsFile, JSON.stringify({ sources: Object.fromEntries(entries) }));
  const sources = createPluginRegistry({ protocol: 'airbyte', tapsFile });
  const environments = {
    ensure: async ({ plugin }: { plugin: { executable: string } }) => ({
      executable: plugin.executable,
      folder: null,
      python: null,
    }),
  };
  return {
    sources,
    runner: (options) => createAirbyteRunner({ host: testProcessHost(), sources, environments, ...options }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A source is one program, without leading arguments. */
async function program(folder: string, name: string, script: URL) {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nexec '${process.execPath}' '${fileURLToPath(script)}' "$@"\n`);
  await chmod(path, 0o755);
  return { description: 'A scripted source', package: null, executable: path };
}
