import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { AppError, InvalidError, UnavailableError } from '../../../errors.ts';
import { engineWords } from '../../../foundry/engine-words.ts';
import type { LakeReader } from '../../../ports/lake-reader.ts';
import type { StoreAnswer, StoreLimits, TenantScope } from '../../../ports/query-store.ts';
import { SparkSqlError, SparkUnavailableError } from './client/spark-errors.ts';
import { describeOne, type Look, listTables, lookAt, type TableFacts } from './spark-describe.ts';
import { isUnknownRelation, lakehouseError } from './spark-errors.ts';
import type { Namespaces } from './spark-namespaces.ts';
import { type Read, type ReaderOptions, readNamespaces } from './spark-query.ts';
import { storeValueOf } from './spark-store-values.ts';

const DESCRIBE_TIMEOUT_MS = 60_000;
/** A namespace of thousands of tables is described in several goes: what is known of a table is good until the next. */
const DESCRIBE_MS = 10_000;
/** Each look is a job: those of the tables after that wait for the next time. */
const LOOK_MS = 12_000;
const AT_ONCE = 4;
const MOST_REMEMBERED = 5_000;
/** Of a null, and of what a value takes beside its bytes. */
const VALUE_OVERHEAD_BYTES = 8;

interface Place {
  namespace: string;
  table: string;
}

/** Questions to the namespaces of a tenant. Their tables are all that the plans of its queries may read. */
export function createSparkReader(options: ReaderOptions, namespaces: Namespaces): LakeReader {
  const { client, names } = options;
  const looks = new Map<string, Look & { snapshot: string }>();
  const facts = new Map<string, TableFacts>();

  async function owned({ tenantId, namespaces: asked }: TenantScope): Promise<string[]> {
    const found = await Promise.all(asked.map((namespace) => namespaces.isOwned(tenantId, namespace)));
    return asked.filter((_, n) => found[n]);
  }

  /** What was seen of the same snapshot before, or is now, if there is time. */
  async function looked({ table, snapshot }: TableFacts, lookUntil: number, signal: AbortSignal) {
    if (snapshot === null) return table;
    const known = looks.get(table.name);
    if (known?.snapshot === snapshot) return seen(table, known);
    const leftMs = Math.ceil(lookUntil - performance.now());
    if (leftMs <= 0) return table;
    const [namespace = '', ...rest] = table.name.split('.');
    const place = { quotedName: names.table(namespace, rest.join('.')), snapshot, columns: table.columns };
    try {
      const look = await lookAt(client, place, { timeoutMs: leftMs, signal });
      looks.delete(table.name);
      looks.set(table.name, { ...look, snapshot });
      for (const oldest of looks.keys()) if (looks.size > MOST_REMEMBERED) looks.delete(oldest);
      return seen(table, look);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) return table;
      throw error;
    }
  }

  async function described(place: Place, until: number, signal: AbortSignal): Promise<TableFacts | null> {
    const name = `${place.namespace}.${place.table}`;
    if (performance.now() > until) return facts.get(name) ?? null;
    const found = await describeOne(client, names, place, { signal, timeoutMs: DESCRIBE_TIMEOUT_MS });
    facts.delete(name);
    if (found) facts.set(name, found);
    for (const oldest of facts.keys()) if (facts.size > MOST_REMEMBERED) facts.delete(oldest);
    return found;
  }

  async function placesOf(tenant: TenantScope, signal: AbortSignal): Promise<Place[]> {
    const places: Place[] = [];
    for (const namespace of await owned(tenant)) {
      const tables = await listTables(client, names, namespace, { signal, timeoutMs: DESCRIBE_TIMEOUT_MS });
      places.push(...tables.map((table) => ({ namespace, table })));
    }
    return places;
  }

  return {
    describe: (tenant, signal) =>
      told({ signal, timeoutMs: DESCRIBE_TIMEOUT_MS }, async () => {
        const places = await placesOf(tenant, signal);
        const [describeUntil, lookUntil] = [DESCRIBE_MS, LOOK_MS].map((ms) => performance.now() + ms);
        const isKnown = ({ namespace, table }: Place) => facts.has(`${namespace}.${table}`);
        const newFirst = places.toSorted((a, b) => Number(isKnown(a)) - Number(isKnown(b)));
        const found = await eachOf(newFirst, (place) => described(place, describeUntil ?? 0, signal));
        const tables = await eachOf(
          found.filter((one) => one !== null),
          (one) => looked(one, lookUntil ?? 0, signal),
        );
        const order = new Map(places.map(({ namespace, table }, n) => [`${namespace}.${table}`, n]));
        return tables.toSorted((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
      }),
    query: (tenant, query, limits, signal) =>
      told({ signal, timeoutMs: limits.timeoutMs }, async () => {
        const own = await owned(tenant);
        if (own.length === 0) throw nothingToAsk();
        return answerOf(await readNamespaces(options, own, query, { ...limits, signal }), limits);
      }),
  };
}

function seen(table: CatalogTable, { rowCount, samples }: Look): CatalogTable {
  const columns = table.columns.map((column) => ({ ...column, samples: samples.get(column.name) ?? [] }));
  return { ...table, rowCount, columns };
}

/** In order, a few at a time. */
async function eachOf<From, To>(items: readonly From[], work: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return results;
}

function answerOf({ columns, result }: Read, { maxRows, maxBytes }: StoreLimits): StoreAnswer {
  let bytesLeft = maxBytes;
  const fitting = result.rows.slice(0, maxRows).filter((row) => {
    bytesLeft -= row.reduce<number>((sum, value) => sum + sizeOf(value) + VALUE_OVERHEAD_BYTES, 0);
    return bytesLeft >= 0;
  });
  return {
    columns: columns.map(({ name, described }) => ({ name, type: described })),
    rows: fitting.map((row) => row.map((value, n) => storeValueOf(value, columns[n]?.described ?? ''))),
    truncated: fitting.length < result.rows.length || result.truncated,
  };
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 0;
}

/** Runs work and says what it throws in a store's terms. */
async function told<Value>(
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw storeError(error, timeoutMs);
  }
}

function storeError(error: unknown, timeoutMs: number): unknown {
  if (error instanceof SparkUnavailableError && error.code === 'lakehouse.timeout')
    return new InvalidError(
      'foundry.timeout',
      `The query was ended: it took longer than ${timeoutMs / 1000} s.`,
      {
        cause: error,
      },
    );
  const known = isUnknownRelation(error) ? unseen(error) : lakehouseError(error);
  if (!(known instanceof AppError) || known.code.startsWith('foundry.')) return known;
  const details = { cause: error, ...(known.internal === undefined ? {} : { internal: known.internal }) };
  return known instanceof InvalidError
    ? new InvalidError('foundry.query_failed', wordsOf(error, known), details)
    : new UnavailableError(
        'foundry.store_unavailable',
        'The lakehouse cannot be reached or did not answer.',
        details,
      );
}

function wordsOf(error: unknown, known: InvalidError): string {
  return engineWords(error instanceof SparkSqlError ? error.message : known.message);
}

/** In the words for a table that is another's: which of the two it is would tell. */
function unseen(cause: unknown): InvalidError {
  return new InvalidError(
    'foundry.query_failed',
    'The query is refused: it reads a table outside of the namespace.',
    {
      cause,
    },
  );
}

function nothingToAsk(): InvalidError {
  return new InvalidError(
    'foundry.query_failed',
    'The tenant has no active catalog, and so no tables to ask.',
  );
}
