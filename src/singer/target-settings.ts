import { z } from 'zod';
import { InvalidError } from '../errors.ts';
import { DEFAULT_LOAD_SETTINGS, type LoadSettings } from './load-settings.ts';

/** The config file of `ivory target`, understood. */
export interface TargetConfig {
  /** postgres:// url */
  databaseUrl: string;
  settings: LoadSettings;
  /** The run every commit is checked against in etl.runner_jobs; null: none. */
  fence: { runId: string; fence: number } | null;
}

const flag = z.union([z.boolean(), z.stringbool()]);
const whole = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);
const defaults = DEFAULT_LOAD_SETTINGS;

const Config = z.object({
  sqlalchemy_url: z.string().optional(),
  database_url: z.string().optional(),
  host: z.string().optional(),
  port: whole.default(5432),
  user: z.string().optional(),
  password: z.string().optional(),
  database: z.string().optional(),
  default_target_schema: z.string().nullable().default(defaults.targetSchema),
  add_record_metadata: flag.default(true),
  hard_delete: flag.default(false),
  activate_version: flag.default(true),
  load_method: z.enum(['append-only', 'upsert', 'overwrite']).default('upsert'),
  validate_records: flag.default(true),
  batch_size_rows: whole.pipe(z.int().positive()).nullish(),
  max_line_bytes: whole.pipe(z.int().positive()).default(defaults.maxLineBytes),
  flush_interval_s: z.coerce
    .number()
    .positive()
    .default(defaults.flushIntervalMs / 1000),
  batch_config: z.looseObject({ storage: z.looseObject({ root: z.string() }).nullish() }).nullish(),
  load_id: z.union([z.int().nonnegative().transform(String), z.string().regex(/^\d{1,18}$/)]).nullish(),
  run_id: z.uuid().nullish(),
  fence: whole.nullish(),
  flattening_enabled: flag.default(false),
  stream_maps: z.record(z.string(), z.unknown()).nullish(),
  interpret_content_encoding: flag.default(false),
  ssl_enable: flag.default(false),
  ssl_client_certificate_enable: flag.default(false),
  ssh_tunnel: z.looseObject({ enable: flag.default(false) }).nullish(),
});
type Fields = z.infer<typeof Config>;

/**
 * Reads target-postgres' settings. Settings of other targets are ignored; those of target-postgres that would change what is stored
 * and are not supported are refused. Throws InvalidError `target.config_invalid`, `target.setting_unsupported`.
 */
export function parseTargetConfig(value: unknown): TargetConfig {
  const parsed = Config.safeParse(value);
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
    const reasons = errors.map(({ field, message }) => `${field || 'config'}: ${message}`).join('; ');
    throw new InvalidError('target.config_invalid', `The target's config is wrong. ${reasons}`, { errors });
  }
  const fields = parsed.data;
  assertSupported(fields);
  return { databaseUrl: databaseUrl(fields), settings: loadSettings(fields), fence: fenceOf(fields) };
}

function assertSupported(fields: Fields): void {
  const asked = {
    flattening_enabled: fields.flattening_enabled,
    stream_maps: Object.keys(fields.stream_maps ?? {}).length > 0,
    interpret_content_encoding: fields.interpret_content_encoding,
    ssl_enable: fields.ssl_enable && fields.sqlalchemy_url === undefined,
    ssl_client_certificate_enable:
      fields.ssl_client_certificate_enable && fields.sqlalchemy_url === undefined,
    ssh_tunnel: fields.ssh_tunnel?.enable === true,
  };
  const unsupported = Object.entries(asked).flatMap(([name, on]) => (on ? [name] : []));
  if (unsupported.length > 0)
    throw new InvalidError(
      'target.setting_unsupported',
      `Not supported by this target: ${unsupported.join(', ')}. Remove the setting (for TLS: sslmode in sqlalchemy_url).`,
    );
  if (fields.activate_version && !fields.add_record_metadata)
    throw new InvalidError(
      'target.config_invalid',
      'activate_version needs add_record_metadata. Set activate_version to false to ignore such messages.',
    );
}

function loadSettings(fields: Fields): LoadSettings {
  return {
    ...defaults,
    targetSchema: fields.default_target_schema,
    addRecordMetadata: fields.add_record_metadata,
    hardDelete: fields.hard_delete,
    activateVersion: fields.activate_version,
    loadMethod: fields.load_method,
    validateRecords: fields.validate_records,
    batchSizeRows: fields.batch_size_rows ?? defaults.batchSizeRows,
    flushIntervalMs: fields.flush_interval_s * 1000,
    maxLineBytes: fields.max_line_bytes,
    batchFolder: fields.batch_config?.storage?.root.replace(/^file:(\/\/)?/, '') ?? null,
    loadId: fields.load_id ?? null,
  };
}

/** The url of sqlalchemy_url ("postgresql+psycopg2://..." too), of database_url, or one made of host, port, user, password, database. */
function databaseUrl(fields: Fields): string {
  const given = fields.sqlalchemy_url || fields.database_url;
  if (given) {
    const url = given.replace(/^postgres(?:ql)?(?:\+\w+)?:\/\//, 'postgres://');
    if (!url.startsWith('postgres://') || !URL.canParse(url))
      throw new InvalidError(
        'target.config_invalid',
        'sqlalchemy_url must be postgresql://user:password@host:port/database.',
      );
    return url;
  }
  const { host, port, user, password, database } = fields;
  if (!host || !user || password === undefined)
    throw new InvalidError(
      'target.config_invalid',
      'Set sqlalchemy_url or database_url, or host, port, user, password and database.',
    );
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgres://${who}@${host.includes(':') ? `[${host}]` : host}:${port}/${encodeURIComponent(database ?? user)}`;
}

function fenceOf({ run_id: runId, fence }: Fields): TargetConfig['fence'] {
  if (!runId && (fence === null || fence === undefined)) return null;
  if (!runId || fence === null || fence === undefined)
    throw new InvalidError('target.config_invalid', 'run_id and fence go together.');
  return { runId, fence };
}
