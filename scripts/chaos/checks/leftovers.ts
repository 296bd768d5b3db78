import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import type { Connector } from '../connectors.ts';
import { nameOf } from '../evidence.ts';
import { tableOf } from '../sources.ts';
import { type Check, check } from './check.ts';
import { tally } from './runs.ts';

/** What the API counts a tenant's requests by. */
const RATE = /^[a-z]+:rate:tenant:[\w.@|-]+$/;
/** `<prefix>:<queue>:<what>`: what BullMQ keeps of a queue, and jobs by the ids that Ivory gives them. */
const KEY = /^[a-z]+:(scheduler|runner|transform|mapping)(?::(.+))?$/;
const KNOWN: readonly [RegExp, string][] = [
  [
    /^(?:meta|id|pc|marker|events|wait|active|paused|prioritized|delayed|completed|failed|repeat|stalled|stalled-check|limiter|waiting-children)$/,
    'a queue',
  ],
  [/^(?:repeat[:-]|jsr)/, 'a tick'],
  [/^(?:run|execute|load|mapping|task)[\w-]*-/, 'a job'],
  [/^\d+$/, 'a nudge'],
];

export function checkRedis(keys: readonly string[]): Check {
  const kinds = keys.map((key) => {
    if (RATE.test(key)) return { key, kind: 'a rate' };
    const [, queue, rest = 'meta'] = KEY.exec(key) ?? [];
    const kind =
      queue &&
      KNOWN.find(([pattern]) => pattern.test(rest.replace(/:(?:lock|logs|dependencies|processed)$/, '')));
    return { key, kind: kind ? kind[1] : 'unknown' };
  });
  const unknown = kinds.filter(({ kind }) => kind === 'unknown').map(({ key }) => key);
  const locks = keys.filter(isLockOfRun);
  return check('Redis holds what is known', tally(kinds.map(({ kind }) => kind)), [...unknown, ...locks]);
}

/** Ticks have theirs at any time. */
export function isLockOfRun(key: string): boolean {
  return /:(?:execute|load)-[^:]*:lock$/.test(key);
}

export async function checkDatabase(sql: Sql, connectors: readonly Connector[]): Promise<Check[]> {
  const alive = connectors.filter(({ isDeleted }) => !isDeleted);
  return [
    await schemas(sql, alive),
    await tables(sql, alive),
    await deleted(sql, connectors),
    await outbox(sql),
    await batches(sql),
  ];
}

async function schemas(sql: Sql, alive: readonly Connector[]): Promise<Check> {
  const found = await sql<
    { name: string }[]
  >`select nspname as name from pg_namespace where nspname like 'etl\\_staging%'`;
  const expected = new Set(alive.map(({ stagingSchema }) => stagingSchema));
  const details = found.filter(({ name }) => !expected.has(name)).map(({ name }) => `${name} is nobody's`);
  return check('every staging schema is a connector’s', `${found.length} schemas`, details);
}

async function tables(sql: Sql, alive: readonly Connector[]): Promise<Check> {
  const expected = new Set(
    alive.flatMap(({ stagingSchema, namespace, kind }) =>
      kind.streams.flatMap(({ name }) => [`${stagingSchema}.${name}`, `${namespace}.${tableOf(kind, name)}`]),
    ),
  );
  const places = [...new Set(alive.flatMap(({ stagingSchema, namespace }) => [stagingSchema, namespace]))];
  const found = await sql<{ name: string }[]>`select n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = any(${places}) and c.relkind in ('r', 'p', 'v', 'm')`;
  const doomed = /\.doomed$/;
  const details = found
    .filter(({ name }) => !expected.has(name) && !doomed.test(name))
    .map(({ name }) => name);
  const [temporary] = await sql<
    { n: number }[]
  >`select count(*)::int as n from pg_class where relpersistence = 't'`;
  if (temporary?.n) details.push(`${temporary.n} temporary tables of sessions that are gone`);
  return check('no table is left that nobody knows', `${found.length} tables`, details);
}

/** Whatever has a connector_id or a run_id. */
async function deleted(sql: Sql, connectors: readonly Connector[]): Promise<Check> {
  const gone = connectors.filter(({ isDeleted }) => isDeleted);
  const holders = await sql<{ table: string }[]>`
    select table_schema || '.' || table_name as table from information_schema.columns
    where column_name = 'connector_id' and table_schema in ('etl', 'audit', 'lakehouse')`;
  const details: string[] = [];
  for (const { table } of holders) {
    const ids = gone.map(({ id }) => id);
    const [row] = await sql.unsafe<{ n: number }[]>(
      `select count(*)::int as n from ${table} where connector_id::text = any($1)`,
      [ids],
    );
    if (row?.n) details.push(`${table} has ${row.n} rows of deleted connectors`);
  }
  const undone = connectors.filter(({ kind, isDeleted }) => kind.doomed && !isDeleted);
  details.push(...undone.map((connector) => `${nameOf(connector)} could not be deleted`));
  return check(
    'of a deleted connector nothing is left',
    `${gone.length} deleted in the middle of the round`,
    details,
  );
}

async function outbox(sql: Sql): Promise<Check> {
  const rows = await sql<{ job: string; job_id: string }[]>`select job, job_id from etl.outbox`;
  return check(
    'the outbox is empty',
    `${rows.length} rows`,
    rows.map(({ job, job_id }) => `${job} ${job_id}`),
  );
}

/** What was loaded is in the lakehouse's ledger, and nothing else is. */
async function batches(sql: Sql): Promise<Check> {
  const [row] = await sql<{ ours: number; theirs: number; lost: number; open: number }[]>`
    select (select count(*)::int from etl.load_batches where state = 'committed') as ours,
      (select count(*)::int from ivory_meta.commits) as theirs,
      (select count(*)::int from etl.load_batches b where state = 'committed'
        and not exists (select from ivory_meta.commits c where c.batch_id = b.batch_id)) as lost,
      (select count(*)::int from etl.load_batches b join etl.runner_jobs r on r.id = b.run_id
        where b.state = 'staged' and r.status in ('completed', 'partial')) as open`;
  const details = [
    ...(row?.lost ? [`${row.lost} batches are called committed and are not`] : []),
    ...(row?.open ? [`${row.open} batches of loaded runs were never finished`] : []),
  ];
  return check(
    'batches and the lakehouse’s ledger agree',
    `${row?.ours} batches, ${row?.theirs} commits`,
    details,
  );
}

/** After the fleet has ended. */
export async function checkSessions(sql: Sql): Promise<Check> {
  const rows = await sql<{ name: string; state: string }[]>`
    select application_name as name, state from pg_stat_activity where datname = current_database()
      and backend_type = 'client backend' and application_name not like 'chaos%'`;
  const [prepared] = await sql<{ n: number }[]>`select count(*)::int as n from pg_prepared_xacts`;
  const details = rows.map(({ name, state }) => `${name} ${state}`);
  if (prepared?.n) details.push(`${prepared.n} prepared transactions`);
  return check('no session of the fleet is left in Postgres', `${rows.length} sessions`, details);
}

/** Work folders, caches, locks. */
export function checkFiles(folders: readonly string[]): Check {
  const left = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
      join(entry.parentPath, entry.name),
    ),
  );
  return check('no file is left: work folders, plugin locks', `${left.length} files`, left);
}
