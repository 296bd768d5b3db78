import { InvalidError } from '../../../errors.ts';
import type { Log } from '../../../log.ts';
import type { BatchSpec, CommittedBatch, LakeBatch, Lakehouse } from '../../../ports/lakehouse.ts';
import type { Stage } from '../stage/stage.ts';
import { careForTable } from './care/care.ts';
import { changeStatement, isUpsert } from './change-sql.ts';
import { createSparkClient, type SparkClient } from './client/spark-client.ts';
import { parseSparkUrl } from './client/spark-url.ts';
import { findCommit } from './commits.ts';
import { createParquetSources } from './parquet-source.ts';
import { publishBatch } from './publish.ts';
import type { RowSources } from './row-source.ts';
import { openBatch } from './spark-batch.ts';
import { translated } from './spark-errors.ts';
import { checkColumns, type SparkNames, sameName, sparkNames } from './spark-names.ts';
import { createNamespaces, type Namespaces } from './spark-namespaces.ts';
import { queryNamespace } from './spark-query.ts';
import { createSparkReader } from './spark-reader.ts';
import { describeTable, ensureTable, isWidened } from './spark-tables.ts';
import { createSweeper } from './sweeper.ts';
import { createTableSources } from './table-source.ts';
import { createTurns, type Turns } from './turns.ts';

export interface SparkLakehouseOptions {
  /** `spark+http[s]://user:password@host:port/cliservice?catalog=lake` */
  url: string;
  /** Where Parquet files can be written that Spark reads. null: rows go through SQL text, 500 a statement. */
  stage: Stage | null;
  log: Log;
  /** Statements of loads at work at the same time; as many of queries. */
  poolSize?: number;
  now?: () => Date;
}

/** Where tables are when the url names no catalog. */
const DEFAULT_CATALOG = 'spark_catalog';
/** Of a statement that carries a batch: the lease of its run ends it earlier. */
const LOAD_TIMEOUT_MS = 6 * 3600 * 1000;

interface Parts {
  client: SparkClient;
  names: SparkNames;
  namespaces: Namespaces;
  sources: RowSources;
  turns: Turns;
}

/** Iceberg tables of a Spark Thrift server, or of IOMETE. A namespace is a namespace of the catalog. */
export function createSparkLakehouse(options: SparkLakehouseOptions): Lakehouse {
  const { url, stage, log, poolSize = 8, now = () => new Date() } = options;
  const endpoint = parseSparkUrl(url);
  const catalog = endpoint.catalog ?? DEFAULT_CATALOG;
  const names = sparkNames(catalog);
  const common = { endpoint, log, poolSize };
  const client = createSparkClient({
    ...common,
    settings: loaderSettings(catalog),
    statementTimeoutMs: LOAD_TIMEOUT_MS,
  });
  const reader = createSparkClient({ ...common, settings: readerSettings(catalog) });
  const sources = stage ? createParquetSources(stage) : createTableSources({ spark: client, names, now });
  const namespaces = createNamespaces(client, names);
  const parts = { client, names, namespaces, sources, turns: createTurns() };
  const sweeper = createSweeper(sources, { log, now });
  return {
    capabilities: {
      dialect: 'spark',
      merge: true,
      atomicPublish: true,
      bulkStaging: stage !== null,
      widens: isWidened,
      columnKey: sameName,
    },
    provision: (tenantId, namespace) => translated(() => namespaces.claim(tenantId, namespace)),
    describeTable: (namespace, table) => translated(() => describeTable(client, names, namespace, table)),
    ensureTable: (spec) =>
      translated(async () => {
        await assertOwned(namespaces, spec);
        return ensureTable(client, names, spec);
      }),
    openBatch: (spec) =>
      translated(async () => {
        sweeper.wake();
        return beginBatch(parts, spec);
      }),
    findCommit: (namespace, table, batchId) =>
      translated(() => findCommit(client, names.table(namespace, table), checkedId(batchId))),
    query: (tenantId, namespace, statement, limits) =>
      translated(async () => {
        if (!(await namespaces.isOwned(tenantId, namespace))) throw namespaceUnknown(namespace);
        return queryNamespace({ client: reader, names, catalog }, namespace, statement, limits);
      }),
    reader: createSparkReader({ client: reader, names, catalog }, namespaces),
    care: (request) =>
      translated(async () => {
        sweeper.wake();
        await assertOwned(namespaces, request);
        return careForTable({ client, names, now }, request);
      }),
    ping: (signal) => translated(() => client.execute('SELECT 1', { signal })),
    async close() {
      await Promise.all([client.close(), reader.close()]);
      await sweeper.close();
      await sources.close();
    },
  };
}

/** What every session begins with. */
function commonSettings(catalog: string): Record<string, string> {
  return {
    // else a session remembers a table as it was, for as long as it goes on asking for it
    [`spark.sql.catalog.${catalog}.cache-enabled`]: 'false',
    // else `${..}` in a text is replaced by a setting of the server, a secret perhaps
    'spark.sql.variable.substitute': 'false',
  };
}

function loaderSettings(catalog: string): Record<string, string> {
  return {
    ...commonSettings(catalog),
    // what does not fit is an error and not a null
    'spark.sql.ansi.enabled': 'true',
    'spark.sql.storeAssignmentPolicy': 'ANSI',
    // a staged file that is gone or broken is an error and not fewer rows
    'spark.sql.files.ignoreMissingFiles': 'false',
    'spark.sql.files.ignoreCorruptFiles': 'false',
    'spark.sql.parquet.inferTimestampNTZ.enabled': 'true',
    // else DESCRIBE leaves out fields of a wide struct
    'spark.sql.debug.maxToStringFields': '100000',
  };
}

function readerSettings(catalog: string): Record<string, string> {
  return {
    ...commonSettings(catalog),
    // a large answer is not collected in the server's memory
    'spark.sql.thriftServer.incrementalCollect': 'true',
  };
}

async function beginBatch(parts: Parts, spec: BatchSpec): Promise<LakeBatch> {
  checkColumns(spec);
  checkedId(spec.batchId);
  const name = parts.names.table(spec.namespace, spec.table);
  return openBatch(spec, {
    sources: parts.sources,
    // one at a time from this process: an upsert that meets another has to be staged again
    publish: (source, { written }) =>
      parts.turns.take(name, async () => {
        const committed = await publishSource(parts, spec, source, written);
        return { ...committed, rowsLoaded: written };
      }),
  });
}

function publishSource(
  { client, names }: Parts,
  spec: BatchSpec,
  source: string | null,
  written: number,
): Promise<CommittedBatch> {
  const table = names.table(spec.namespace, spec.table);
  return publishBatch(client, {
    batchId: spec.batchId,
    table,
    rows: isUpsert(spec) ? null : written,
    publish: (id) =>
      `CALL ${names.procedure('cherrypick_snapshot')}(table => ${names.argument(spec.namespace, spec.table)}, snapshot_id => ${id})`,
    async change(session) {
      // a MERGE names its columns; an INSERT that leaves one out does not parse
      if (source !== null && isUpsert(spec)) return changeStatement(spec, { table, columns: [] }, source);
      const target = await describeTable(session, names, spec.namespace, spec.table);
      if (!target) throw tableMissing(spec);
      return changeStatement(spec, { table, columns: target.columns }, source);
    },
  });
}

async function assertOwned(
  namespaces: Namespaces,
  { tenantId, namespace }: Pick<BatchSpec, 'tenantId' | 'namespace'>,
): Promise<void> {
  if (await namespaces.isOwned(tenantId, namespace)) return;
  throw new InvalidError(
    'lakehouse.namespace_missing',
    `The namespace "${namespace}" has not been provisioned for this tenant.`,
  );
}

/** It becomes part of statements. */
function checkedId(batchId: string): string {
  if (/^[\w-]+$/.test(batchId)) return batchId;
  throw new InvalidError('lakehouse.batch_invalid', 'The id of a batch is letters, digits, dashes.');
}

function tableMissing({ namespace, table }: BatchSpec): InvalidError {
  return new InvalidError('lakehouse.table_missing', `There is no table ${namespace}.${table}.`);
}

function namespaceUnknown(namespace: string): InvalidError {
  return new InvalidError(
    'lakehouse.namespace_unknown',
    `There is no namespace "${namespace}" for this tenant.`,
  );
}
