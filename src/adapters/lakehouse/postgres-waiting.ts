import type { Client } from 'pg';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { BatchSpec, CommittedBatch } from '../../ports/lakehouse.ts';
import { createCopyWriter } from './postgres-copy.ts';
import { takenBy } from './postgres-inside.ts';
import type { Commit, Landing } from './postgres-landing.ts';
import { lockTable, recordCommit } from './postgres-ledger.ts';

/** Rows wait in a temporary table of the session: column n of the spec is c<n>, `seq` is the order written. */
const WAITING = 'pg_temp.ivory_batch';

/** Rows of keys that may be there already: they wait beside the table and are merged in one short transaction. */
export async function createWaiting(client: Client, spec: BatchSpec): Promise<Landing> {
  const columns = spec.columns.map(({ name }, n) => `${quoteIdentifier(name)} as c${n}`);
  await client.query(`create temp table ivory_batch as
    select ${[...columns, '0::bigint as seq', 'false as removed'].join(', ')}
    from ${quoteTable(spec.namespace, spec.table)} with no data`);
  const copy = createCopyWriter(client, `copy ${WAITING} from stdin`);
  let seq = 0;
  let removed = 0;
  return {
    writer: copy,
    lineOf(fields, remove) {
      removed += Number(remove);
      return `${fields.join('\t')}\t${seq++}\t${remove ? 't' : 'f'}`;
    },
    async takeSelect(select, expected) {
      await client.query('begin');
      const taken = await takenBy(
        client,
        `insert into ${WAITING} select inside.*, 0, false from (${select}) as inside`,
      );
      await client.query(taken === expected ? 'commit' : 'rollback');
      seq += taken === expected ? expected : 0;
      return taken === expected;
    },
    async publish(commit) {
      await copy.end();
      return merge(client, spec, { removed, written: seq - removed }, commit);
    },
    cleanUp: `drop table ${WAITING}`,
    stop() {},
  };
}

interface Counts {
  written: number;
  removed: number;
}

/** Everything of the batch in one transaction, the ledger's row included. */
async function merge(
  client: Client,
  spec: BatchSpec,
  { written, removed }: Counts,
  commit: Commit,
): Promise<CommittedBatch> {
  if (removed > 0 || !spec.keysOnce) await client.query(`analyze ${WAITING}`);
  await client.query(
    "begin; set local work_mem = '64MB'; set local idle_in_transaction_session_timeout = '60s'",
  );
  await lockTable(client, spec, 'alone');
  if (!(await recordCommit(client, spec, written))) return commit.foundDone();
  if (removed > 0) await client.query(deletion(spec));
  if (written > 0) await client.query(upsert(spec, removed > 0));
  return commit.now();
}

/** The last thing said of each key. */
function lastByKey(spec: BatchSpec): string {
  if (spec.keysOnce) return `select * from ${WAITING}`;
  const keys = spec.keys.map((key) => placeOf(spec, key)).join(', ');
  return `select distinct on (${keys}) * from ${WAITING} order by ${keys}, seq desc`;
}

function upsert(spec: BatchSpec, someRemoved: boolean): string {
  const names = spec.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const places = spec.columns.map((_, n) => `c${n}`).join(', ');
  const updates = spec.columns
    .filter(({ name }) => !spec.keys.includes(name))
    .map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  return `insert into ${quoteTable(spec.namespace, spec.table)} (${names})
    select ${places} from (${lastByKey(spec)}) as last ${someRemoved ? 'where not removed' : ''}
    on conflict (${spec.keys.map(quoteIdentifier).join(', ')})
    do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}

function deletion(spec: BatchSpec): string {
  const same = spec.keys.map((key) => `target.${quoteIdentifier(key)} = last.${placeOf(spec, key)}`);
  return `delete from ${quoteTable(spec.namespace, spec.table)} as target
    using (${lastByKey(spec)}) as last where last.removed and ${same.join(' and ')}`;
}

function placeOf({ columns }: BatchSpec, key: string): string {
  return `c${columns.findIndex(({ name }) => name === key)}`;
}
