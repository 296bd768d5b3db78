import type { Config } from './config.ts';
import type { Settings } from './context.ts';
import { modelPrice } from './services/llm/prices.ts';

/** What the services need to know of the configuration, in their own units. Throws InvalidError `config.invalid`. */
export function serviceSettings(config: Config): Settings {
  return {
    stagingSchemaTemplate: config.STAGING_SCHEMA_TEMPLATE,
    tenantMaxRuns: config.TENANT_MAX_RUNS,
    scheduleJitterMs: config.SCHEDULE_JITTER_S * 1000,
    leaseMs: config.LEASE_S * 1000,
    runTimeoutMs: config.RUN_TIMEOUT_S * 1000,
    runIdleTimeoutMs: config.RUN_IDLE_TIMEOUT_S * 1000,
    tableCare: {
      everyMs: config.TABLE_CARE_EVERY_H * 3_600_000,
      keepMs: config.TABLE_KEEP_DAYS * 24 * 3_600_000,
      keepLast: config.TABLE_KEEP_SNAPSHOTS,
    },
    retention: {
      runsMs: keptMs(config.RETAIN_RUNS_DAYS),
      logsMs: keptMs(config.RETAIN_LOGS_DAYS),
      rejectedMs: keptMs(config.RETAIN_REJECTED_DAYS),
      stagedMs: keptMs(config.RETAIN_STAGED_DAYS),
      auditMs: keptMs(config.RETAIN_AUDIT_DAYS),
    },
    configKey: config.IVORY_CONFIG_KEY ? Buffer.from(config.IVORY_CONFIG_KEY, 'base64') : null,
    foundry: {
      maxRows: config.FOUNDRY_MAX_ROWS,
      maxBytes: config.FOUNDRY_MAX_MB * 1024 ** 2,
      timeoutMs: config.FOUNDRY_TIMEOUT_S * 1000,
      tenantMaxQuestions: config.FOUNDRY_TENANT_MAX_QUESTIONS,
    },
    llm: {
      timeoutMs: config.LLM_TIMEOUT_S * 1000,
      price: modelPrice(config.OPENAI_MODEL, {
        inputUsd: config.LLM_INPUT_USD_PER_MILLION,
        outputUsd: config.LLM_OUTPUT_USD_PER_MILLION,
        isNeeded: config.LLM_TENANT_DAILY_USD !== undefined,
      }),
      tenantMaxCalls: config.LLM_TENANT_MAX_CALLS,
      tenantMinuteTokens: config.LLM_TENANT_MINUTE_TOKENS ?? null,
      tenantDailyTokens: config.LLM_TENANT_DAILY_TOKENS ?? null,
      tenantDailyUsd: config.LLM_TENANT_DAILY_USD ?? null,
    },
  };
}

function keptMs(days: number): number | null {
  return days === 0 ? null : days * 24 * 3_600_000;
}
