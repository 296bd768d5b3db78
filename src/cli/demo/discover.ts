import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url));

const Catalog = z.object({
  streams: z.array(
    z.object({
      schema: z.object({
        properties: z.record(
          z.string(),
          z.object({ type: z.union([z.string(), z.array(z.string())]), format: z.string().optional() }),
        ),
      }),
    }),
  ),
});

/** Runs `ivory tap-files --discover` and answers field -> type, without the tap's own metadata fields. */
export async function discoverFields(config: Record<string, unknown>): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'ivory-discover-'));
  try {
    const configFile = join(folder, 'config.json');
    await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
    const { stdout } = await promisify(execFile)(process.execPath, [
      CLI,
      'tap-files',
      '--config',
      configFile,
      '--discover',
    ]);
    const properties = Catalog.parse(JSON.parse(stdout)).streams[0]?.schema.properties ?? {};
    const fields = Object.entries(properties).filter(([name]) => !name.startsWith('_sdc_'));
    return Object.fromEntries(
      fields.map(([name, { type, format }]) => [
        name,
        format ?? [type].flat().find((t) => t !== 'null') ?? 'string',
      ]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
