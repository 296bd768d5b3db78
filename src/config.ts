import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { InvalidError } from './errors.ts';

const optional = z
  .string()
  .transform((text) => text.trim() || undefined)
  .optional();

const key32 = z
  .string()
  .refine(
    (text) => Buffer.from(text, 'base64').length === 32,
    'must be 32 bytes in base64 (openssl rand -base64 32)',
  );

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// url'),
  REDIS_URL: optional.pipe(
    z
      .string()
      .regex(/^rediss?:\/\//, 'must be a redis:// url')
      .optional(),
  ),
  LAKEHOUSE_URL: optional.pipe(
    z
      .string()
      .regex(/^(postgres(ql)?|spark\+https?):\/\//, 'must be postgres:// or spark+http:// ')
      .optional(),
  ),
  JWT_SECRET: optional.pipe(z.string().min(32, 'must be at least 32 characters').optional()),
  JWKS_URL: optional.pipe(z.url().optional()),
  JWT_ISSUER: optional,
  JWT_AUDIENCE: optional,
  IVORY_MASTER_KEY: key32,
  IVORY_OLD_MASTER_KEYS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((key) => key.trim() !== ''))
    .pipe(z.array(key32)),
  IVORY_CONFIG_KEY: key32.optional(),
  OPENAI_API_KEY: optional,
  OPENAI_BASE_URL: optional.pipe(z.url().optional()),
  OPENAI_MODEL: z.string().default('gpt-4o-mini'),
  OPERATOR_PASSWORD: optional,
  STAGING_SCHEMA_TEMPLATE: z
    .string()
    .regex(/^[a-z_]*\{source\}(_\{connector\})?$/, 'must hold {source} and may end in _{connector}')
    .default('etl_staging_{source}_{connector}'),
  /** Folder whose sub-folder <tenant> is all that tap-files may read when a runner starts it. */
  TAP_FILES_ROOT: optional,
  /** JSON file {"<tap name>": {"command": [..]}} of the Singer taps a `custom` connector may run. */
  CUSTOM_TAPS_FILE: optional,
  RUN_TIMEOUT_S: z.coerce
    .number()
    .int()
    .positive()
    .default(6 * 3600),
  RUN_IDLE_TIMEOUT_S: z.coerce.number().int().positive().default(900),
  TENANT_MAX_RUNS: z.coerce.number().int().positive().default(200),
  SCHEDULE_JITTER_S: z.coerce.number().int().min(0).max(300).default(30),
  LEASE_S: z.coerce.number().int().min(2).default(60),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_PRETTY: z.stringbool().default(false),
});

export type Config = Readonly<z.infer<typeof Environment>>;

/**
 * Reads the settings from the environment and, where a data folder is named, over it from `<dataDir>/env` (KEY=value lines).
 * Throws InvalidError `config.invalid` naming every wrong or missing setting at once.
 */
export function loadConfig(environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  const file = dataDir === undefined ? {} : readEnvFile(resolve(dataDir, 'env'));
  return parseConfig({ ...withoutEmpty(environment), ...file });
}

/** The same over settings already gathered. */
export function parseConfig(settings: Record<string, string | undefined>): Config {
  return parsed(Environment, settings);
}

/**
 * Only the settings a command needs, where and as loadConfig reads them; the others may be missing or wrong:
 * `loadSettings((all) => all.pick({ JWT_SECRET: true }), environment)`.
 */
export function loadSettings<Schema extends z.ZodType>(
  pick: (all: typeof Environment) => Schema,
  environment: NodeJS.ProcessEnv,
  dataDir?: string,
): z.infer<Schema> {
  const file = dataDir === undefined ? {} : readEnvFile(resolve(dataDir, 'env'));
  return parsed(pick(Environment), { ...withoutEmpty(environment), ...file });
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  settings: Record<string, string | undefined>,
): z.infer<Schema> {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join('.'),
    message: issue.message,
  }));
  const lines = errors.map((e) => `  ${e.field}: ${e.message}`);
  throw new InvalidError('config.invalid', `The settings are not complete:\n${lines.join('\n')}`, { errors });
}

/** The environment of this process. The only place that reads it. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').map((line) => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
}

function readEnvFile(path: string): Record<string, string> {
  try {
    return parseEnvFile(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError(
      'config.no_data_dir',
      `No settings at ${path}: start \`ivory dev\` on that folder first.`,
      { cause },
    );
  }
}

function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
