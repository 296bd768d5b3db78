import type { Client } from 'pg';
import type { LakeValue } from '../../domain/lake-type.ts';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { InvalidError, UnavailableError } from '../../errors.ts';
import type { BatchSpec, CommittedBatch, LakeBatch } from '../../ports/lakehouse.ts';
import { type CopyWriter, startCopy } from './postgres-copy.ts';
import { translated } from './postgres-errors.ts';
import { insertCommit, lockTable, selectCommit } from './postgres-ledger.ts';
import type { Session } from './postgres-sessions.ts';

/** Rows wait in a temporary table of the session: column n of the spec is c<n>, `seq` is the order written. */
const WAITING = 'pg_temp.ivory_batch';

/** Takes the session over: it is given back by commit or abort. */
export async function openBatch(session: Session, spec: BatchSpec): Promise<LakeBatch> {
  checkKeys(spec);
  await createWaiting(session.client, spec);
  const copy = await startCopy(session.client, `copy ${WAITING} from stdin`);
  return batchOn(session, spec, copy);
}

function batchOn(session: Session, spec: BatchSpec, copy: CopyWriter): LakeBatch {
  const keyAt = spec.keys.map((key) => spec.columns.findIndex(({ name }) => name === key));
  const upserts = spec.mode === 'upsert' && keyAt.length > 0;
  const nulls: null[] = spec.columns.map(() => null);
  const counts = { seq: 0n, written: 0, removed: 0 };
  let committed: CommittedBatch | null = null;

  async function send(values: readonly LakeValue[], removed: boolean) {
    if (upserts && keyAt.some((at) => values[at] === null)) throw keyMissing(spec);
    if (copy.write([...values, counts.seq++, removed])) await copy.flush();
  }

  async function write(rows: readonly (readonly LakeValue[])[]) {
    for (const row of rows) await send(row, false);
    counts.written += rows.length;
  }

  async function remove(keys: readonly (readonly LakeValue[])[]) {
    if (!upserts)
      throw new InvalidError('lakehouse.keys_missing', 'Rows are removed by key: this batch has none.');
    for (const key of keys) {
      const row: LakeValue[] = [...nulls];
      keyAt.forEach((at, n) => {
        row[at] = key[n] ?? null;
      });
      await send(row, true);
    }
    counts.removed += keys.length;
  }

  async function commit(): Promise<CommittedBatch> {
    if (committed) return committed;
    await copy.end();
    committed = await publish(session.client, { ...spec, upserts }, counts);
    await session.client.query(`drop table ${WAITING}`).then(
      () => session.release(false),
      () => session.release(true),
    );
    return committed;
  }
  return {
    write: (rows) => translated(() => write(rows)),
    remove: (keys) => translated(() => remove(keys)),
    commit: () => translated(commit),
    abort: async () => session.release(true),
  };
}

type Publication = BatchSpec & { upserts: boolean };

/** Everything of the batch in one transaction, the ledger's row included. */
async function publish(
  client: Client,
  spec: Publication,
  { written, removed }: { written: number; removed: number },
): Promise<CommittedBatch> {
  await client.query(`analyze ${WAITING}`);
  await client.query(
    "begin; set local work_mem = '64MB'; set local idle_in_transaction_session_timeout = '60s'",
  );
  await lockTable(client, spec.namespace, spec.table);
  const before = await selectCommit(client, spec);
  if (before) {
    await client.query('rollback');
    return before;
  }
  if (removed > 0) await client.query(deletion(spec));
  if (written > 0) await client.query(spec.upserts ? upsert(spec) : insertion(spec));
  const done = await insertCommit(client, spec, written);
  const { command } = await client.query('commit');
  if (command !== 'COMMIT')
    throw new UnavailableError('lakehouse.unavailable', 'The commit was rolled back.');
  return done;
}

async function createWaiting(client: Client, spec: BatchSpec): Promise<void> {
  const columns = spec.columns.map(({ name }, n) => `${quoteIdentifier(name)} as c${n}`);
  await client.query(`create temp table ivory_batch as
    select ${[...columns, '0::bigint as seq', 'false as removed'].join(', ')}
    from ${quoteTable(spec.namespace, spec.table)} with no data`);
}

function insertion(spec: BatchSpec): string {
  return `insert into ${quoteTable(spec.namespace, spec.table)} (${names(spec)})
    select ${places(spec)} from ${WAITING} order by seq`;
}

/** The last thing said of each key. */
function lastByKey(spec: BatchSpec): string {
  const keys = spec.keys.map((key) => placeOf(spec, key)).join(', ');
  return `select distinct on (${keys}) * from ${WAITING} order by ${keys}, seq desc`;
}

function upsert(spec: BatchSpec): string {
  const updates = spec.columns
    .filter(({ name }) => !spec.keys.includes(name))
    .map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  return `insert into ${quoteTable(spec.namespace, spec.table)} (${names(spec)})
    select ${places(spec)} from (${lastByKey(spec)}) as last where not removed
    on conflict (${spec.keys.map(quoteIdentifier).join(', ')})
    do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}

function deletion(spec: BatchSpec): string {
  const same = spec.keys.map((key) => `target.${quoteIdentifier(key)} = last.${placeOf(spec, key)}`);
  return `delete from ${quoteTable(spec.namespace, spec.table)} as target
    using (${lastByKey(spec)}) as last where last.removed and ${same.join(' and ')}`;
}

function names({ columns }: BatchSpec): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}

function places({ columns }: BatchSpec): string {
  return columns.map((_, n) => `c${n}`).join(', ');
}

function placeOf({ columns }: BatchSpec, key: string): string {
  return `c${columns.findIndex(({ name }) => name === key)}`;
}

function checkKeys(spec: BatchSpec): void {
  const unknown = spec.keys.find((key) => !spec.columns.some(({ name }) => name === key));
  if (unknown === undefined) return;
  throw new InvalidError('lakehouse.keys_missing', `The key "${unknown}" is not a column of ${spec.table}.`);
}

function keyMissing(spec: BatchSpec): InvalidError {
  return new InvalidError(
    'lakehouse.key_null',
    `A row for ${spec.table} has no value in its key (${spec.keys.join(', ')}).`,
  );
}
