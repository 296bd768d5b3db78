import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createLakehouseStore } from './adapters/foundry/lakehouse-store.ts';
import { createReadModelStore } from './adapters/foundry/read-models/read-models.ts';
import { createPostgresLakehouse } from './adapters/lakehouse/postgres.ts';
import type { Stage } from './adapters/lakehouse/stage/stage.ts';
import { withBreaker } from './adapters/llm/breaker.ts';
import { createPrometheus } from './adapters/metrics/prometheus.ts';
import { createAirbyteRunner } from './adapters/runner/airbyte/airbyte.ts';
import { builtInTaps } from './adapters/runner/custom/built-in-taps.ts';
import { createCustomRunner } from './adapters/runner/custom/custom.ts';
import { readCustomTaps } from './adapters/runner/custom/custom-taps.ts';
import { createFivetranRunner } from './adapters/runner/fivetran/fivetran.ts';
import type { MeltanoLoader } from './adapters/runner/meltano/loader.ts';
import { createMeltanoRunner } from './adapters/runner/meltano/meltano.ts';
import { targetProgram } from './adapters/runner/meltano/target-program.ts';
import { createPluginEnvironments } from './adapters/runner/plugins/environments.ts';
import { createPluginRegistry } from './adapters/runner/plugins/registry.ts';
import { createProcessHost } from './adapters/runner/process/process-host.ts';
import { sweepWorkFolders } from './adapters/runner/process/sweep-work-folders.ts';
import { openTracing } from './adapters/tracing/open-tracing.ts';
import { createHttpWebhookSender } from './adapters/webhooks/http.ts';
import type { ApiServer } from './api/serve.ts';
import { type Config, installerEnvironment, processEnvironment } from './config.ts';
import type { Deps } from './context.ts';
import { assertMigrated } from './db/assert-migrated.ts';
import { type Database, openDatabase, type Pool } from './db/client.ts';
import { createSealer } from './domain/sealing.ts';
import { AppError, InvalidError } from './errors.ts';
import { withDeclaredWords } from './foundry/catalog/declared-words.ts';
import { createCatalogMemory } from './foundry/catalog/memory.ts';
import { type CatalogFile, declared, NOTHING_DECLARED, readCatalogFile } from './foundry/catalog-file.ts';
import { ownSecrets } from './log/own-secrets.ts';
import { createLog, type Log } from './log.ts';
import type { Lakehouse } from './ports/lakehouse.ts';
import type { Llm } from './ports/llm.ts';
import type { QueryStore } from './ports/query-store.ts';
import type { SharedRates } from './ports/rates.ts';
import type { Runner } from './ports/runner.ts';
import type { QueueStore } from './queues/connection.ts';
import { readDepths } from './queues/depths.ts';
import { openPatiently } from './queues/open-patiently.ts';
import { serviceSettings } from './service-settings.ts';
import { createFleet } from './services/fleet/create-fleet.ts';
import type { Health } from './services/health/health.ts';
import { readCanonicalSchemas } from './services/mappings/canonical-schemas.ts';
import { createSourceMemory } from './services/runs/source-memory.ts';
import { settingCautions } from './settings/cautions.ts';
import { createExpressionEngine } from './transform/expression/engine.ts';

export interface Composed {
  deps: Deps;
  store: QueueStore;
  /** Closes what was opened, last first. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  /** What this process is, in its logs: "api", "worker:runner", "cli". */
  role: string;
  log?: Log;
}

/** Roles of processes that start taps. */
const RUNS_TAPS = /^dev$|^worker:.*\brunner\b/;

/** Roles of processes that map fields: the others need no folder of the operator's. */
const USES_SCHEMAS = /^(?:api|dev)$|^worker:.*\bmapping\b/;

/** "worker:runner+transform": runner and transform. */
function rolesOf(role: string): string[] {
  return role.replace(/^worker:/, '').split('+');
}

/** A process may start before its queue store does. */
const QUEUE_START_MS = 30_000;

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));
const TARGET = fileURLToPath(new URL('./cli/target/program.ts', import.meta.url));

/** Builds what a process is made of. The only place that chooses adapters. */
export async function composeDeps(config: Config, { role, log }: ComposeOptions): Promise<Composed> {
  const logger = log ?? logOf(config, role);
  for (const caution of settingCautions(processEnvironment(), rolesOf(role), config))
    logger.warn({ event: 'settings.doubtful' }, caution);
  const canonicalSchemas = readCanonicalSchemas(
    USES_SCHEMAS.test(role) ? config.CANONICAL_SCHEMAS_DIR : undefined,
  );
  const closers: (() => Promise<void>)[] = [];
  const opened = <T extends { close(): Promise<void> }>(thing: T): T => {
    closers.unshift(() => thing.close());
    return thing;
  };
  const close = async () => {
    for (const closer of closers) await closer();
  };
  try {
    const tracing = opened(await openTracing(config, { role, log: logger }));
    const database = opened(openDatabase(config.DATABASE_URL, { applicationName: `ivory ${role}` }));
    const lakehouse = opened(await openLakehouse(config, logger));
    const expressions = opened(createExpressionEngine());
    const store = opened(
      await openPatiently(
        { redisUrl: config.REDIS_URL, databaseUrl: config.DATABASE_URL, prefix: config.QUEUE_PREFIX },
        {
          withinMs: QUEUE_START_MS,
          onWait: (message) =>
            logger.warn({ event: 'queue.awaited', err: message }, 'waiting for the queue store'),
        },
      ),
    );
    await checkMigrated(database.pool, logger);
    const settings = serviceSettings(config);
    const prometheus = openMetrics(config, { role, database, store, jitterMs: settings.scheduleJitterMs });
    const deps: Deps = {
      database,
      lakehouse,
      expressions,
      producer: store.producer(),
      runners: await openRunners(config, { role, database, log: logger }),
      llm: await openLlm(config, logger),
      stores: (await openStores(config, lakehouse)).map(opened),
      catalogs: createCatalogMemory(),
      canonicalSchemas,
      webhooks: createHttpWebhookSender({ allowPrivate: config.NOTIFY_ALLOW_PRIVATE }),
      sealer: createSealer(keyOf(config.IVORY_MASTER_KEY), config.IVORY_OLD_MASTER_KEYS.map(keyOf)),
      settings,
      log: logger,
      metrics: prometheus.metrics,
      metricsPage: prometheus.page,
      tracing,
      now: () => new Date(),
      newId: randomUUID,
    };
    return { deps, store, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openMetrics(
  config: Config,
  {
    role,
    database,
    store,
    jitterMs,
  }: { role: string; database: Database; store: QueueStore; jitterMs: number },
) {
  return createPrometheus({
    role,
    version: version(),
    pool: database.pool,
    lakehouse: lakehouseUrl(config).startsWith('postgres') ? 'postgres' : 'spark',
    fleet: createFleet({ db: database.db, jitterMs, queues: () => readDepths(store.rawQueues()) }),
    token: config.METRICS_TOKEN ?? null,
  });
}

async function openRunners(
  config: Config,
  { role, database, log }: { role: string; database: Database; log: Log },
): Promise<Deps['runners']> {
  if (RUNS_TAPS.test(role)) await sweepWorkFolders();
  const taps = new Map([
    ...builtInTaps({ cli: CLI, filesRoot: config.TAP_FILES_ROOT }),
    ...(config.CUSTOM_TAPS_FILE ? readCustomTaps(config.CUSTOM_TAPS_FILE) : []),
  ]);
  const host = createProcessHost({
    limits: {
      memoryBytes: config.RUNNER_MEMORY_MB * 1024 ** 2,
      cpuS: config.RUNNER_CPU_S,
      diskBytes: config.RUNNER_DISK_MB * 1024 ** 2,
    },
    sandbox: config.RUNNER_SANDBOX,
  });
  const caution = RUNS_TAPS.test(role) ? host.caution() : null;
  if (caution) log.warn({ event: 'sandbox.off', sandbox: config.RUNNER_SANDBOX }, `every tap ${caution}`);
  const onHost = (runner: Runner): Runner => ({ ...runner, caution: host.caution });
  const environments = createPluginEnvironments({
    folder: config.PLUGINS_DIR,
    python: config.PYTHON,
    installerEnvironment: installerEnvironment(processEnvironment()),
  });
  const common = { host, pool: database.pool, idleTimeoutMs: config.RUN_IDLE_TIMEOUT_S * 1000 };
  const custom = createCustomRunner({ ...common, taps });
  const airbyte = createAirbyteRunner({
    ...common,
    sources: createPluginRegistry({ protocol: 'airbyte', tapsFile: config.TAPS_FILE }),
    environments,
  });
  const fivetran = createFivetranRunner({
    apiUrl: config.FIVETRAN_API_URL,
    pollMs: config.FIVETRAN_POLL_S * 1000,
    runTimeoutMs: config.RUN_TIMEOUT_S * 1000,
    pool: database.pool,
    ...createSourceMemory(database),
  });
  const meltano = createMeltanoRunner({
    ...common,
    registry: createPluginRegistry({ protocol: 'singer', tapsFile: config.TAPS_FILE }),
    environments,
    loader: meltanoLoader(config),
    target: targetProgram(TARGET),
  });
  return { airbyte: onHost(airbyte), custom: onHost(custom), fivetran, meltano: onHost(meltano) };
}

function logOf(config: Config, role: string): Log {
  return createLog({ level: config.LOG_LEVEL, pretty: config.LOG_PRETTY, role, secrets: ownSecrets(config) });
}

/** Serves the API on the configured port (0: any free one). */
export async function composeApi(
  config: Config,
  deps: Deps,
  store: QueueStore,
  health: Health,
): Promise<ApiServer> {
  // Workers serve nothing and need not load it.
  const { serveApi } = await import('./api/serve.ts');
  const sharedRates = await openRates(config);
  const server = await serveApi(deps, store, {
    host: config.HOST,
    port: config.PORT,
    sharedRates,
    limits: {
      tenantRequestsPerMin: config.API_TENANT_REQUESTS_PER_MIN,
      tenantMaxConcurrent: config.API_TENANT_MAX_CONCURRENT,
      addressFailuresPerMin: config.API_ADDRESS_FAILURES_PER_MIN,
      trustedProxies: config.TRUSTED_PROXIES,
    },
    connections: { max: config.API_MAX_CONNECTIONS, maxPerAddress: config.API_MAX_CONNECTIONS_PER_ADDRESS },
    operatorPassword: config.OPERATOR_PASSWORD ?? null,
    health,
    auth: {
      jwtSecret: config.JWT_SECRET ?? null,
      jwksUrl: config.JWKS_URL ?? null,
      issuer: config.JWT_ISSUER ?? null,
      audience: config.JWT_AUDIENCE ?? null,
    },
  }).catch(async (error: unknown) => {
    await sharedRates?.close();
    throw error;
  });
  const close = async (drainMs?: number) => {
    await server.close(drainMs);
    await sharedRates?.close();
  };
  return { ...server, close };
}

/** null: each process counts by itself. */
async function openRates({ REDIS_URL: url }: Config): Promise<SharedRates | null> {
  if (url === undefined) return null;
  const { createRedisRates } = await import('./adapters/rates/redis.ts');
  return createRedisRates({ url });
}

/** A database that does not answer is not judged: processes may start before it does, and go on when it comes. */
async function checkMigrated(pool: Pool, log: Log): Promise<void> {
  try {
    await assertMigrated(pool);
  } catch (error) {
    if (error instanceof AppError) throw error;
    log.warn({ event: 'migrations.unknown', err: error }, 'whether the database is migrated is not known');
  }
}

async function openLakehouse(config: Config, log: Log): Promise<Lakehouse> {
  const url = lakehouseUrl(config);
  if (url.startsWith('postgres'))
    return createPostgresLakehouse({ url, besideControlPlane: url === config.DATABASE_URL });
  const { createSparkLakehouse } = await import('./adapters/lakehouse/spark/spark.ts');
  return createSparkLakehouse({ url, stage: await openStage(config), log });
}

function lakehouseUrl({ LAKEHOUSE_URL, DATABASE_URL }: Config): string {
  return LAKEHOUSE_URL ?? DATABASE_URL;
}

async function openStage(config: Config): Promise<Stage | null> {
  if (config.LAKEHOUSE_STAGE_URL === undefined) return null;
  const { createStage } = await import('./adapters/lakehouse/stage/stage.ts');
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  const s3 = accessKeyId &&
    secretAccessKey && {
      accessKeyId,
      secretAccessKey,
      sessionToken: config.AWS_SESSION_TOKEN,
      endpoint: config.LAKEHOUSE_STAGE_S3_ENDPOINT,
      region: config.AWS_REGION,
    };
  return createStage(config.LAKEHOUSE_STAGE_URL, { s3: s3 || undefined });
}

function meltanoLoader({ MELTANO_LOADER: kind, MELTANO_LOADER_URL, DATABASE_URL }: Config): MeltanoLoader {
  return kind === 'ivory' ? { kind } : { kind, databaseUrl: MELTANO_LOADER_URL ?? DATABASE_URL };
}

/** Each is loaded where it is configured, and connects when it is asked. */
async function openStores(config: Config, lakehouse: Lakehouse): Promise<QueryStore[]> {
  const file = readDeclared(config);
  const asked = withDeclaredWords(createLakehouseStore(lakehouse), declared(file, 'iomete'));
  const models = withDeclaredWords(
    createReadModelStore({ url: config.DATABASE_URL }),
    declared(file, 'postgres'),
  );
  const others = await Promise.all([openQuestdb(config, file), openFalkordb(config, file)]);
  return [asked, models, ...others.filter((store) => store !== null)];
}

function readDeclared({ FOUNDRY_CATALOG_FILE: file }: Config): CatalogFile {
  if (file === undefined) return NOTHING_DECLARED;
  try {
    return readCatalogFile(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new InvalidError('config.invalid', `FOUNDRY_CATALOG_FILE: ${file} cannot be read.`, { cause });
  }
}

async function openQuestdb({ QUESTDB_URL: url }: Config, file: CatalogFile): Promise<QueryStore | null> {
  if (url === undefined) return null;
  const { createQuestdbStore } = await import('./adapters/questdb/questdb.ts');
  return createQuestdbStore({ url, declared: declared(file, 'questdb') });
}

async function openFalkordb(config: Config, file: CatalogFile): Promise<QueryStore | null> {
  if (config.FALKORDB_URL === undefined) return null;
  const { createFalkordbStore } = await import('./adapters/falkordb/falkordb.ts');
  return createFalkordbStore({
    url: config.FALKORDB_URL,
    declared: declared(file, 'falkordb'),
    key: keyOf(config.IVORY_MASTER_KEY),
  });
}

async function openLlm(config: Config, log: Log): Promise<Llm | null> {
  if (!config.OPENAI_API_KEY && !config.OPENAI_BASE_URL) return null;
  const { createOpenAiLlm } = await import('./adapters/llm/openai.ts');
  const llm = createOpenAiLlm({
    apiKey: config.OPENAI_API_KEY ?? 'none',
    baseUrl: config.OPENAI_BASE_URL,
    model: config.OPENAI_MODEL,
    timeoutMs: config.LLM_TIMEOUT_S * 1000,
    idleTimeoutMs: config.LLM_IDLE_TIMEOUT_S * 1000,
  });
  return withBreaker(llm, { log });
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

function keyOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
