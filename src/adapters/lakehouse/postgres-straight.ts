import type { Client } from 'pg';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { UnavailableError } from '../../errors.ts';
import type { BatchSpec } from '../../ports/lakehouse.ts';
import { createCopyWriter } from './postgres-copy.ts';
import { SQLSTATE, sqlStateOf } from './postgres-errors.ts';
import { takenBy } from './postgres-inside.ts';
import type { Landing } from './postgres-landing.ts';
import { lockTable, recordCommit, registerTable, tryLockTable } from './postgres-ledger.ts';

/** A session that says nothing for so long is given up by the server, and its locks with it. */
const SILENCE_S = 60;
const SIGN_OF_LIFE_MS = 15_000;

/**
 * Rows that meet no others go straight into the table, in one transaction that is open until the batch is published: those of an append,
 * beside other appends; and those of keys that come once, when the table is empty and nobody else is at it. Null: it is not so.
 */
export async function openStraight(
  client: Client,
  spec: BatchSpec,
  upserts: boolean,
): Promise<Landing | null> {
  if (upserts && !spec.keysOnce) return null;
  await registerTable(client, spec);
  await client.query(`begin; set local idle_in_transaction_session_timeout = '${SILENCE_S}s'`);
  if (upserts && !(await isMineAndEmpty(client, spec))) {
    await client.query('rollback');
    return null;
  }
  if (!upserts) await lockTable(client, spec, 'with others');
  return straight(client, spec);
}

async function isMineAndEmpty(client: Client, spec: BatchSpec): Promise<boolean> {
  if (!(await tryLockTable(client, spec))) return false;
  const { rows } = await client.query<{ filled: boolean }>(
    `select exists (select from ${quoteTable(spec.namespace, spec.table)}) as filled`,
  );
  return rows[0]?.filled === false;
}

function straight(client: Client, spec: BatchSpec): Landing {
  const names = spec.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const table = `${quoteTable(spec.namespace, spec.table)} (${names})`;
  const copy = createCopyWriter(client, `copy ${table} from stdin`);
  const signs = setInterval(copy.touch, SIGN_OF_LIFE_MS).unref();
  let written = 0;
  return {
    writer: copy,
    lineOf(fields, remove) {
      // nothing is there that could be removed
      if (remove) return null;
      written += 1;
      return fields.join('\t');
    },
    async takeSelect(select, expected) {
      await client.query('savepoint inside');
      const taken = await takenBy(client, `insert into ${table} ${select}`).catch(whoseKeys(spec));
      await client.query(taken === expected ? 'release savepoint inside' : 'rollback to savepoint inside');
      written += taken === expected ? expected : 0;
      return taken === expected;
    },
    async publish(commit) {
      clearInterval(signs);
      await copy.end().catch(whoseKeys(spec));
      return (await recordCommit(client, spec, written)) ? commit.now() : commit.foundDone();
    },
    cleanUp: null,
    stop: () => clearInterval(signs),
  };
}

/** Somebody who asks no lock wrote the same keys meanwhile: another try merges. */
function whoseKeys({ table }: BatchSpec) {
  return (error: unknown): never => {
    if (sqlStateOf(error) !== SQLSTATE.uniqueViolation) throw error;
    throw new UnavailableError('lakehouse.unavailable', `Others wrote keys of ${table} meanwhile.`, {
      cause: error,
    });
  };
}
