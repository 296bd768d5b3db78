import type { Database } from './db/client.ts';
import type { CanonicalSchemas } from './domain/canonical-schema.ts';
import type { Cause } from './domain/cause.ts';
import type { ConnectorType } from './domain/connector-state.ts';
import type { Sealer } from './domain/sealing.ts';
import type { Log, LogIds } from './log.ts';
import type { CatalogMemory } from './ports/catalog-memory.ts';
import type { ExpressionEngine } from './ports/expressions.ts';
import type { Lakehouse } from './ports/lakehouse.ts';
import type { Llm, LlmPrice } from './ports/llm.ts';
import type { Metrics, MetricsPage } from './ports/metrics.ts';
import type { QueryStore } from './ports/query-store.ts';
import type { Runner } from './ports/runner.ts';
import { type Tracing, traceIdOf } from './ports/tracing.ts';
import type { WebhookSender } from './ports/webhook-sender.ts';
import type { Producer } from './queues/ports.ts';

/** Settings the services need, resolved once from the configuration. */
export interface Settings {
  stagingSchemaTemplate: string;
  /** Unfinished runs one tenant may have. */
  tenantMaxRuns: number;
  /** Scheduled slots are spread over this time. */
  scheduleJitterMs: number;
  leaseMs: number;
  runTimeoutMs: number;
  runIdleTimeoutMs: number;
  tableCare: TableCareSettings;
  retention: RetentionSettings;
  /** Opens config_encrypted; null in processes that must not. */
  configKey: Buffer | null;
  llm: LlmSettings;
  foundry: FoundrySettings;
}

/** What questions to a model may cost. null: no limit. */
export interface LlmSettings {
  /** Of one question with all its attempts. */
  timeoutMs: number;
  /** null: not known. */
  price: LlmPrice | null;
  /** Questions one tenant may have under way. */
  tenantMaxCalls: number;
  tenantMinuteTokens: number | null;
  tenantDailyTokens: number | null;
  tenantDailyUsd: number | null;
}

/** What one question may take. */
export interface FoundrySettings {
  maxRows: number;
  maxBytes: number;
  /** Of one query. */
  timeoutMs: number;
  /** Questions one tenant may have under way, in all processes together. */
  tenantMaxQuestions: number;
}

export interface TableCareSettings {
  /** A table is cared for so often; 0: never. */
  everyMs: number;
  /** What was committed so long ago may be forgotten, but for the last so many. */
  keepMs: number;
  keepLast: number;
}

/** How long what ended is kept; null: for ever. */
export interface RetentionSettings {
  /** Runs, with their history and batches. */
  runsMs: number | null;
  logsMs: number | null;
  rejectedMs: number | null;
  /** Staged rows that are in the lakehouse. */
  stagedMs: number | null;
  /** Audit events, questions to Foundry, calls of models. */
  auditMs: number | null;
}

/** What a process is made of: built by compose.ts, closed in reverse order. */
export interface Deps {
  database: Database;
  producer: Producer;
  lakehouse: Lakehouse;
  runners: Partial<Record<ConnectorType, Runner>>;
  expressions: ExpressionEngine;
  /** null: no model is configured. */
  llm: Llm | null;
  /** What Foundry can ask. */
  stores: readonly QueryStore[];
  /** What is known of the tables in them. */
  catalogs: CatalogMemory;
  /** What mappings may be made to. */
  canonicalSchemas: CanonicalSchemas;
  /** Tells tenants' own servers what happens. */
  webhooks: WebhookSender;
  sealer: Sealer;
  settings: Settings;
  log: Log;
  metrics: Metrics;
  /** What a process answers at /metrics. */
  metricsPage: MetricsPage;
  tracing: Tracing;
  now(): Date;
  newId(): string;
}

/** Who acts for whom. Every verb of services/ takes one first; every query it makes says the tenant. */
export interface Ctx extends Deps {
  tenantId: string;
  /** "user:<sub>", "worker:<pool>", "webhook", "cli" */
  actor: string;
  requestId: string;
  /** The process' log, bound to nothing: for lines about what another request caused. `log` is bound to the tenant and this request. */
  plainLog: Log;
}

export interface Who {
  tenantId: string;
  actor: string;
  requestId?: string;
  /** What its lines are about, beside the tenant, the request and the trace. */
  about?: LogIds;
}

/** Made inside the span of the work it is for: every line of its log names the trace. */
export function contextFor(deps: Deps, { about, ...who }: Who): Ctx {
  const requestId = who.requestId ?? deps.newId();
  const trace_id = traceIdOf(deps.tracing.current());
  const log = deps.log.child({ tenant_id: who.tenantId, request_id: requestId, trace_id, ...about });
  return { ...deps, ...who, requestId, log, plainLog: deps.log };
}

/** What rows keep of the request this is done for. */
export function causeOf({ requestId, tracing }: Ctx): Cause {
  return { requestId, traceparent: tracing.current() };
}
