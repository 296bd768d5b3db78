import { randomUUID } from 'node:crypto';
import { createHttpWebhookSender } from '../../src/adapters/webhooks/http.ts';
import type { Deps } from '../../src/context.ts';
import { createSealer } from '../../src/domain/sealing.ts';
import { createCatalogMemory } from '../../src/foundry/catalog/memory.ts';
import { createLog } from '../../src/log.ts';
import { NO_METRICS, NO_METRICS_PAGE } from '../../src/ports/metrics.ts';
import { NO_TRACING } from '../../src/ports/tracing.ts';
import { readCanonicalSchemas } from '../../src/services/mappings/canonical-schemas.ts';
import { createTestDatabase } from './database.ts';
import { createMemoryProducer, type RecordedJob } from './memory-producer.ts';

export interface TestDeps extends Deps {
  databaseUrl: string;
  /** What was put on the queues, unless a producer was given. */
  jobs: RecordedJob[];
  close(): Promise<void>;
}

export const TEST_MASTER_KEY = Buffer.alloc(32, 1);
const DAY_MS = 24 * 3_600_000;
export const TEST_CONFIG_KEY = Buffer.alloc(32, 2);

/** Deps on a fresh database, with a queue that is an array. Ports that are not given throw when they are used. */
export async function createTestDeps(overrides: Partial<Deps> = {}): Promise<TestDeps> {
  const { url, database, close } = await createTestDatabase();
  const producer = createMemoryProducer();
  return {
    database,
    producer,
    lakehouse: notGiven('lakehouse'),
    runners: {},
    expressions: notGiven('expressions'),
    llm: null,
    stores: [],
    catalogs: createCatalogMemory(),
    canonicalSchemas: readCanonicalSchemas(),
    webhooks: createHttpWebhookSender({ allowPrivate: true }),
    sealer: createSealer(TEST_MASTER_KEY),
    settings: {
      stagingSchemaTemplate: 'etl_staging_{source}_{connector}',
      tenantMaxRuns: 1_000,
      scheduleJitterMs: 0,
      leaseMs: 60_000,
      runTimeoutMs: 60_000,
      runIdleTimeoutMs: 30_000,
      tableCare: { everyMs: 24 * 3_600_000, keepMs: 14 * 24 * 3_600_000, keepLast: 100 },
      retention: {
        runsMs: 400 * DAY_MS,
        logsMs: 30 * DAY_MS,
        rejectedMs: 90 * DAY_MS,
        stagedMs: 30 * DAY_MS,
        auditMs: 400 * DAY_MS,
      },
      configKey: TEST_CONFIG_KEY,
      foundry: { maxRows: 1_000, maxBytes: 8 * 1024 ** 2, timeoutMs: 30_000, tenantMaxQuestions: 8 },
      llm: {
        timeoutMs: 45_000,
        price: null,
        tenantMaxCalls: 4,
        tenantMinuteTokens: null,
        tenantDailyTokens: null,
        tenantDailyUsd: null,
      },
    },
    log: createLog({ level: 'silent', pretty: false, role: 'test' }),
    metrics: NO_METRICS,
    metricsPage: NO_METRICS_PAGE,
    tracing: NO_TRACING,
    now: () => new Date(),
    newId: randomUUID,
    ...overrides,
    databaseUrl: url,
    jobs: producer.jobs,
    close,
  };
}

/** A getter would fire when Deps are spread into a Ctx, so the port itself throws, at its first use. */
function notGiven<Port extends object>(name: string): Port {
  return new Proxy({} as Port, {
    get(_, property) {
      if (typeof property === 'symbol') return undefined;
      throw new Error(`This test uses ${name}.${property} but gave no ${name}.`);
    },
  });
}
