import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnvFile } from '../../config.ts';

/** Settings of the surroundings that `ivory dev` passes on; the rest it makes itself. */
const PASSED_ON = [
  'REDIS_URL',
  'QUEUE_PREFIX',
  'LAKEHOUSE_URL',
  'LAKEHOUSE_STAGE_URL',
  'LAKEHOUSE_STAGE_S3_ENDPOINT',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_REGION',
  'QUESTDB_URL',
  'FALKORDB_URL',
  'FOUNDRY_CATALOG_FILE',
  'FOUNDRY_MAX_ROWS',
  'FOUNDRY_MAX_MB',
  'FOUNDRY_TIMEOUT_S',
  'FOUNDRY_TENANT_MAX_QUESTIONS',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'OPENAI_MODEL',
  'LLM_TIMEOUT_S',
  'LLM_IDLE_TIMEOUT_S',
  'LLM_INPUT_USD_PER_MILLION',
  'LLM_OUTPUT_USD_PER_MILLION',
  'LLM_TENANT_MAX_CALLS',
  'LLM_TENANT_MINUTE_TOKENS',
  'LLM_TENANT_DAILY_TOKENS',
  'LLM_TENANT_DAILY_USD',
  'CANONICAL_SCHEMAS_DIR',
  'CUSTOM_TAPS_FILE',
  'TAPS_FILE',
  'PLUGINS_DIR',
  'PYTHON',
  'MELTANO_LOADER',
  'MELTANO_LOADER_URL',
  'FIVETRAN_API_URL',
  'FIVETRAN_POLL_S',
  'STAGING_SCHEMA_TEMPLATE',
  'JWKS_URL',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'API_TENANT_REQUESTS_PER_MIN',
  'API_TENANT_MAX_CONCURRENT',
  'API_ADDRESS_FAILURES_PER_MIN',
  'API_MAX_CONNECTIONS',
  'API_MAX_CONNECTIONS_PER_ADDRESS',
  'TRUSTED_PROXIES',
  'NOTIFY_ALLOW_PRIVATE',
  'LEASE_S',
  'RUN_TIMEOUT_S',
  'RUN_IDLE_TIMEOUT_S',
  'RUNNER_MEMORY_MB',
  'RUNNER_CPU_S',
  'RUNNER_DISK_MB',
  'RUNNER_SANDBOX',
  'TABLE_CARE_EVERY_H',
  'TABLE_KEEP_DAYS',
  'TABLE_KEEP_SNAPSHOTS',
  'RETAIN_RUNS_DAYS',
  'RETAIN_LOGS_DAYS',
  'RETAIN_REJECTED_DAYS',
  'RETAIN_STAGED_DAYS',
  'RETAIN_AUDIT_DAYS',
  'METRICS_TOKEN',
  'DRAIN_S',
  'LOG_LEVEL',
  'LOG_PRETTY',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
] as const;

const MADE: Record<string, () => string> = {
  JWT_SECRET: () => randomBytes(32).toString('hex'),
  IVORY_MASTER_KEY: () => randomBytes(32).toString('base64'),
  IVORY_CONFIG_KEY: () => randomBytes(32).toString('base64'),
  OPERATOR_PASSWORD: () => randomBytes(12).toString('base64url'),
};

export type DevSettings = Record<string, string>;

/** The settings of a data folder: secrets made at its first start and kept, the rest from the surroundings. */
export function devSettings(dataDir: string, environment: NodeJS.ProcessEnv): DevSettings {
  const kept = readKept(dataDir);
  const made = Object.entries(MADE).map(([name, make]) => [name, environment[name] || kept[name] || make()]);
  const passed = PASSED_ON.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []));
  return {
    ...Object.fromEntries(passed),
    ...Object.fromEntries(made),
    TAP_FILES_ROOT: join(dataDir, 'files'),
  };
}

/** Writes `<dataDir>/env`, readable by this user only: every other command takes `--data-dir` to use it. */
export async function writeSettings(dataDir: string, settings: DevSettings): Promise<void> {
  const text = Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
  const path = join(dataDir, 'env');
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function readKept(dataDir: string): Record<string, string> {
  const path = join(dataDir, 'env');
  return existsSync(path) ? parseEnvFile(readFileSync(path, 'utf8')) : {};
}
