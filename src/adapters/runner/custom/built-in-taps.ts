import { join } from 'node:path';
import { InvalidError } from '../../../errors.ts';
import type { CustomTaps } from './custom-taps.ts';

export interface BuiltInOptions {
  /** Path of Ivory's own command line program. */
  cli: string;
  /** Folder that holds one folder a tenant; undefined: tap-files is not offered. */
  filesRoot: string | undefined;
}

/** V8 leaves garbage lying while there is room: with these a Parquet file of any size peaks near 200 MB instead of 470. */
const FLAT_MEMORY = ['--max-semi-space-size=8', '--max-old-space-size=512'] as const;

const TENANT_FOLDER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** The taps Ivory brings along. tap-files reads the tenant's own folder and nothing else. */
export function builtInTaps({ cli, filesRoot }: BuiltInOptions): CustomTaps {
  if (filesRoot === undefined) return new Map();
  return new Map([
    [
      'tap-files',
      {
        command: [process.execPath, ...FLAT_MEMORY, cli, 'tap-files'] as const,
        discover: false,
        forcedConfig: (tenantId: string) => ({ root: tenantFolder(filesRoot, tenantId), jail: true }),
        readable: (tenantId: string) => [tenantFolder(filesRoot, tenantId)],
      },
    ],
  ]);
}

function tenantFolder(root: string, tenantId: string): string {
  if (TENANT_FOLDER.test(tenantId)) return join(root, tenantId);
  throw new InvalidError(
    'tap.tenant_folder',
    'The tenant id cannot name a folder; tap-files is not available to this tenant.',
  );
}
