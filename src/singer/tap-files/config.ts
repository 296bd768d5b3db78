import { z } from 'zod';
import { InvalidError } from '../../errors.ts';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'json', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

const oneCharacter = z
  .string()
  .refine((text) => text.length === 1 && !/[\r\n]/.test(text), 'must be one character');

const streamSchema = z.strictObject({
  name: z.string().min(1),
  /** Files or globs, relative to root; `**` crosses folders. */
  path: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((path) => [path].flat()),
  format: z.enum(FORMATS).optional(),
  key_properties: z.array(z.string().min(1)).min(1).optional(),
  encoding: z.string().refine(isEncoding, 'is not an encoding this machine knows').default('utf-8'),
  delimiter: oneCharacter.optional(),
  quote: oneCharacter.default('"'),
  has_header: z.boolean().default(true),
  /** CSV texts that mean null. */
  null_values: z.array(z.string()).default(['']),
  /** Rows read to infer types; 0: every row of every file. */
  infer_rows: z.int().min(0).default(10_000),
  on_bad_row: z.enum(['fail', 'skip']).default('fail'),
});

const configSchema = z.strictObject({
  streams: z.array(streamSchema).min(1),
  root: z.string().min(1).optional(),
  /** Refuse every path whose real location is outside root. */
  jail: z.boolean().default(false),
  /** Files last modified before this are not read. */
  start_date: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional(),
});

export type StreamConfig = z.infer<typeof streamSchema>;
export type TapConfig = z.infer<typeof configSchema>;

/** Parses a tap-files configuration. Throws InvalidError `tap.config_invalid` naming every field that is wrong. */
export function parseTapConfig(value: unknown): TapConfig {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
    throw invalid(errors.map(({ field, message }) => `${field || 'config'}: ${message}`).join('; '), errors);
  }
  const names = parsed.data.streams.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`streams: the name "${twice}" is used twice`);
  if (parsed.data.jail && parsed.data.root === undefined) throw invalid('root: is required with jail');
  return parsed.data;
}

function invalid(message: string, errors: { field: string; message: string }[] = []): InvalidError {
  return new InvalidError('tap.config_invalid', `The tap's config is not valid: ${message}.`, { errors });
}

function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name).encoding.length > 0;
  } catch {
    return false;
  }
}
