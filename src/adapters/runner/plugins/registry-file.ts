import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';

const SETTING_NAME = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/;
/** A name on the index, with extras: "tap-x[s3]". */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])?$/;
/** A requirement as pip takes it; never one of its flags. */
const REQUIREMENT = /^[A-Za-z0-9][^\s]*$/;

const Setting = z
  .strictObject({
    name: z.string().regex(SETTING_NAME, 'must be a key of the config, a nested one with dots'),
    kind: z
      .enum(['string', 'integer', 'number', 'boolean', 'date', 'array', 'object', 'options'])
      .default('string'),
    description: z.string().default(''),
    required: z.boolean().default(false),
    secret: z.boolean().default(false),
    default: z.unknown().optional(),
    options: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .optional(),
  })
  .refine((setting) => setting.kind !== 'options' || setting.options !== undefined, 'options are missing');

const Entry = z
  .strictObject({
    description: z.string().default(''),
    package: z.string().regex(PACKAGE, 'must be the name of a package').nullable(),
    requires: z.array(z.string().regex(REQUIREMENT, 'must be a requirement, without spaces')).default([]),
    executable: z.string().min(1).optional(),
    capabilities: z
      .array(z.enum(['catalog', 'properties', 'discover', 'state', 'about', 'batch']))
      .default([]),
    settings: z.array(Setting).default([]),
    /** Other names a connector may use for it. */
    aliases: z.array(z.string()).default([]),
  })
  .refine((entry) => entry.package !== null || entry.executable?.startsWith('/'), {
    path: ['executable'],
    message: 'must be an absolute path where there is no package',
  })
  .refine((entry) => entry.package === null || !entry.executable?.includes('/'), {
    path: ['executable'],
    message: 'must be the name of a program of the package',
  });

const Entries = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower case letters, digits and dashes'),
  Entry,
);

const File = z.strictObject({ taps: Entries.default({}), sources: Entries.default({}) });

export type RegistryEntry = z.infer<typeof Entry>;
export type RegistryFile = z.infer<typeof File>;

/** Reads a registry file: `{"taps": {"tap-x": {...}}, "sources": {"source-y": {...}}}`. Throws InvalidError `config.taps` naming the place. */
export function readRegistryFile(path: string): RegistryFile {
  const parsed = File.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new InvalidError('config.taps', `${path}: ${z.prettifyError(parsed.error)}`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError('config.taps', `TAPS_FILE ${path} cannot be read as JSON.`, { cause });
  }
}
