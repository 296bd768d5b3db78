import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

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

/** A timer of Node's that is asked for more than 2^31 ms (24.8 days) fires at once. */
const MAX_TIMER_S = 24 * 24 * 3600;

const count = z.coerce.number().int().positive().max(1_000_000_000);

const timerS = z.coerce
  .number()
  .int()
  .positive()
  .max(MAX_TIMER_S, `must be at most ${MAX_TIMER_S} (24 days)`);

/** Days of the past that stay; 0: all of it. */
const keptDays = (usual: number, least: number, why = 'or 0: for ever') =>
  z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .refine((days) => days === 0 || days >= least, `must be at least ${least}, ${why}`)
    .default(usual);

const optionalAmount = optional.pipe(z.string().transform(Number).pipe(z.number().min(0)).optional());

/** Every setting: its form and its default. What they are for is in `.env.example`. */
export const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  HOST: z.string().default('127.0.0.1'),
  /** Requests of one tenant: a minute, in all API processes together, and at once in one of them (docs/security.md). */
  API_TENANT_REQUESTS_PER_MIN: count.default(120_000),
  API_TENANT_MAX_CONCURRENT: count.default(500),
  /** Of one address: log-ins and webhooks that prove nothing, a minute. */
  API_ADDRESS_FAILURES_PER_MIN: count.default(300),
  /** Open connections of one API process. */
  API_MAX_CONNECTIONS: count.default(10_000),
  API_MAX_CONNECTIONS_PER_ADDRESS: count.default(1_000),
  /** Addresses and networks whose X-Forwarded-For and -Proto are believed. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((one) => one.trim()))
    .transform((networks) => networks.filter((one) => one !== ''))
    .pipe(
      z.array(
        z.union(
          [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
          'must be addresses or networks such as 10.0.0.0/8',
        ),
      ),
    ),
  OPS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** From SIGTERM to the end of the process. Kubernetes kills after 30. */
  DRAIN_S: timerS.min(3).max(3600).default(25),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// url'),
  REDIS_URL: optional.pipe(
    z
      .string()
      .regex(/^rediss?:\/\//, 'must be a redis:// url')
      .optional(),
  ),
  /** Of every key of the queues in Redis; in braces it is their hash tag. */
  QUEUE_PREFIX: z
    .string()
    .regex(/^(?:[\w.-]+|\{[\w.-]+\})$/, 'must be letters, digits, "_", "-" or ".", all in braces or none')
    .default('ivory'),
  LAKEHOUSE_URL: optional.pipe(
    z
      .string()
      .regex(/^(postgres(ql)?|spark\+https?):\/\//, 'must be postgres:// or spark+http:// ')
      .optional(),
  ),
  /** Where workers leave Parquet files for Spark; unset: rows go through SQL text, 500 a statement. */
  LAKEHOUSE_STAGE_URL: optional.pipe(
    z
      .string()
      .regex(/^(file|s3):\/\//, 'must be file:///folder or s3://bucket/prefix')
      .optional(),
  ),
  /** Foundry's store of time series; may hold {tenant} and {namespace} (docs/foundry-stores.md). */
  QUESTDB_URL: optional.pipe(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must be postgres://user:password@host:8812/qdb')
      .optional(),
  ),
  /** Foundry's graphs. */
  FALKORDB_URL: optional.pipe(
    z
      .string()
      .regex(/^rediss?:\/\//, 'must be redis://user:password@host:port')
      .optional(),
  ),
  /** JSON: what the operator knows of the stores' tables. */
  FOUNDRY_CATALOG_FILE: optional,
  /** What one answer may be, what its query may take, and how many questions of a tenant may be under way. */
  FOUNDRY_MAX_ROWS: z.coerce.number().int().positive().max(100_000).default(1_000),
  FOUNDRY_MAX_MB: z.coerce.number().positive().max(256).default(8),
  FOUNDRY_TIMEOUT_S: timerS.max(90, 'must be at most 90').default(30),
  FOUNDRY_TENANT_MAX_QUESTIONS: z.coerce.number().int().positive().default(8),
  LAKEHOUSE_STAGE_S3_ENDPOINT: optional.pipe(z.url().optional()),
  AWS_ACCESS_KEY_ID: optional,
  AWS_SECRET_ACCESS_KEY: optional,
  AWS_SESSION_TOKEN: optional,
  AWS_REGION: optional,
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
  /** Of one question to the model with all its attempts, and how long the server may send nothing. */
  LLM_TIMEOUT_S: timerS.default(45),
  LLM_IDLE_TIMEOUT_S: timerS.default(20),
  /** US dollars per million tokens, over the built-in price list (docs/models.md). */
  LLM_INPUT_USD_PER_MILLION: optionalAmount,
  LLM_OUTPUT_USD_PER_MILLION: optionalAmount,
  /** Questions of one tenant under way at once, in all processes together. */
  LLM_TENANT_MAX_CALLS: z.coerce.number().int().positive().default(4),
  LLM_TENANT_MINUTE_TOKENS: optionalAmount,
  LLM_TENANT_DAILY_TOKENS: optionalAmount,
  LLM_TENANT_DAILY_USD: optionalAmount,
  OPERATOR_PASSWORD: optional,
  METRICS_TOKEN: optional.pipe(z.string().min(16, 'must be at least 16 characters').optional()),
  STAGING_SCHEMA_TEMPLATE: z
    .string()
    .regex(/^[a-z_]*\{source\}(_\{connector\})?$/, 'must hold {source} and may end in _{connector}')
    .default('etl_staging_{source}_{connector}'),
  /** Folder whose sub-folder <tenant> is all that tap-files may read when a runner starts it. */
  TAP_FILES_ROOT: optional,
  /** JSON file {"<tap name>": {"command": [..], "discover": true}} of the Singer taps a `custom` connector may run. */
  CUSTOM_TAPS_FILE: optional,
  /** Folder of the operator's own canonical schemas, <schema>.json each, over and beside those that come along. */
  CANONICAL_SCHEMAS_DIR: optional,
  /** Operator's own taps and connectors beside those that come along: JSON in the form of plugins/taps.json. */
  TAPS_FILE: optional,
  /** Folder of the Python environments of taps, shared by the runners of a machine. */
  PLUGINS_DIR: optional.transform((folder) => folder ?? join(homedir(), '.cache', 'ivory', 'plugins')),
  /** Python 3 that environments are made with. */
  PYTHON: z.string().default('python3'),
  /** What loads staging under Meltano: Ivory's own target, or MeltanoLabs' target-postgres. */
  MELTANO_LOADER: z.enum(['ivory', 'target-postgres']).default('ivory'),
  /** The login target-postgres gets; unset: DATABASE_URL. */
  MELTANO_LOADER_URL: optional.pipe(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// url')
      .optional(),
  ),
  FIVETRAN_API_URL: z.url().default('https://api.fivetran.com'),
  FIVETRAN_POLL_S: timerS.default(15),
  /** What the processes of one run may use together. */
  RUNNER_MEMORY_MB: z.coerce.number().int().min(64).default(2048),
  RUNNER_CPU_S: timerS.default(6 * 3600),
  RUNNER_DISK_MB: z.coerce.number().int().min(1).default(4096),
  /** bubblewrap around taps: auto where it works, bwrap always (a run fails without it), off never. */
  RUNNER_SANDBOX: z.enum(['auto', 'bwrap', 'off']).default('auto'),
  /** Notifications may go to http and to addresses of the own network: for tests and a developer's machine. */
  NOTIFY_ALLOW_PRIVATE: z.stringbool().default(false),
  RUN_TIMEOUT_S: timerS.default(6 * 3600),
  RUN_IDLE_TIMEOUT_S: timerS.default(900),
  TENANT_MAX_RUNS: z.coerce.number().int().positive().default(200),
  SCHEDULE_JITTER_S: z.coerce.number().int().min(0).max(300).default(30),
  LEASE_S: timerS.min(2).default(60),
  /** How often a lakehouse table that is loaded is compacted and its past made short; 0: never. */
  TABLE_CARE_EVERY_H: z.coerce
    .number()
    .min(0)
    .max(24 * 365)
    .default(24),
  /** What stays of a table's past. */
  TABLE_KEEP_DAYS: z.coerce
    .number()
    .int()
    .min(14, 'must be at least 14: retries look for their commits')
    .default(14),
  TABLE_KEEP_SNAPSHOTS: z.coerce.number().int().min(100, 'must be at least 100').default(100),
  /** How long what ended stays in Postgres, in days (docs/operations.md). */
  RETAIN_RUNS_DAYS: keptDays(400, 14, 'for reports and retries look for their runs, or 0: for ever'),
  RETAIN_LOGS_DAYS: keptDays(30, 1),
  RETAIN_REJECTED_DAYS: keptDays(90, 1),
  RETAIN_STAGED_DAYS: keptDays(30, 1),
  RETAIN_AUDIT_DAYS: keptDays(400, 1),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  LOG_PRETTY: z.stringbool().default(false),
  /** OpenTelemetry's own names and meanings. Unset: nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional.pipe(z.url().optional()),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional.pipe(z.url().optional()),
  OTEL_EXPORTER_OTLP_HEADERS: optional,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: optional,
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce.number().int().positive().max(60_000).default(5_000),
  OTEL_SERVICE_NAME: z.string().default('ivory'),
  OTEL_RESOURCE_ATTRIBUTES: optional,
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
});
