import type { Client } from 'pg';
import { COPY_NULL, copyFieldOf } from '../../domain/copy-text.ts';
import type { LakeType, LakeValue } from '../../domain/lake-type.ts';
import { InvalidError, UnavailableError } from '../../errors.ts';
import type { InsideWriter } from '../../ports/lake-inside.ts';
import type { BatchSpec, CommittedBatch, LakeBatch } from '../../ports/lakehouse.ts';
import type { CommitGuard } from '../../ports/runner.ts';
import { translated } from './postgres-errors.ts';
import { createInside, INSIDE_CLEAN_UP } from './postgres-inside.ts';
import type { Commit, Landing } from './postgres-landing.ts';
import { selectCommit } from './postgres-ledger.ts';
import type { Session } from './postgres-sessions.ts';
import { openStraight } from './postgres-straight.ts';
import { createWaiting } from './postgres-waiting.ts';

export interface BatchOptions {
  /** Asks guards inside the transaction that publishes: the control plane is in this database. */
  asksGuards: boolean;
}

/** Takes the session over: it is given back by commit or abort. */
export async function openBatch(
  session: Session,
  spec: BatchSpec,
  options: BatchOptions,
): Promise<LakeBatch> {
  checkKeys(spec);
  const upserts = spec.mode === 'upsert' && spec.keys.length > 0;
  await endPredecessors(session.client, spec);
  const landing =
    (await openStraight(session.client, spec, upserts)) ?? (await createWaiting(session.client, spec));
  return batchOn(session, spec, { landing, upserts, ...options });
}

/** A worker that stopped in the middle of this very batch and was replaced holds locks, and must not publish when it wakes up. */
async function endPredecessors(client: Client, { batchId }: BatchSpec): Promise<void> {
  const name = `ivory batch ${batchId}`;
  await client.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()`,
    [name],
  );
  await client.query("select set_config('application_name', $1, false)", [name]);
}

interface Way extends BatchOptions {
  landing: Landing;
  upserts: boolean;
}

function batchOn(session: Session, spec: BatchSpec, { landing, upserts, asksGuards }: Way): LakeBatch {
  const { writer } = landing;
  const keyAt = spec.keys.map((key) => spec.columns.findIndex(({ name }) => name === key));
  const nulls = spec.columns.map(() => COPY_NULL);
  const types = spec.columns.map(({ type }) => type);
  const keyTypes = keyAt.map((at) => types[at] ?? TEXT);
  let committed: CommittedBatch | null = null;

  async function send(fields: readonly string[], remove: boolean) {
    if (upserts && keyAt.some((at) => fields[at] === COPY_NULL)) throw keyMissing(spec);
    const line = landing.lineOf(fields, remove);
    if (line !== null && writer.add(line)) await writer.flush();
  }

  async function write(rows: readonly (readonly string[])[]) {
    for (const fields of rows) await send(fields, false);
  }

  async function remove(keys: readonly (readonly string[])[]) {
    if (!upserts)
      throw new InvalidError('lakehouse.keys_missing', 'Rows are removed by key: this batch has none.');
    for (const key of keys) {
      const fields = [...nulls];
      keyAt.forEach((at, n) => {
        fields[at] = key[n] ?? COPY_NULL;
      });
      await send(fields, true);
    }
  }

  async function commit(guard?: CommitGuard): Promise<CommittedBatch> {
    if (committed) return committed;
    committed = await landing.publish(endings(session.client, spec, asksGuards ? guard : undefined));
    landing.stop();
    await session.client.query(endOf(asksGuards, landing)).then(
      () => session.release(false),
      () => session.release(true),
    );
    return committed;
  }
  return {
    write: (rows) => translated(() => write(rows.map((row) => fieldsOf(row, types)))),
    remove: (keys) => translated(() => remove(keys.map((key) => fieldsOf(key, keyTypes)))),
    fields: {
      write: (rows) => translated(() => write(rows)),
      remove: (keys) => translated(() => remove(keys)),
    },
    ...(asksGuards && { inside: insideOf(session.client, spec, landing) }),
    commit: (guard) => translated(() => commit(guard)),
    async abort() {
      landing.stop();
      session.release(true);
    },
  };
}

/** The control plane's database is staging's. */
function insideOf(client: Client, spec: BatchSpec, landing: Landing): InsideWriter {
  const inside = createInside(client, spec, landing);
  return {
    ready: () => translated(() => inside.ready()),
    read: (select) => translated(() => inside.read(select)),
    keep: (answers) => translated(() => inside.keep(answers)),
    take: (select, expected) => translated(() => inside.take(select, expected)),
  };
}

function endOf(inside: boolean, { cleanUp }: Landing): string {
  return `reset application_name; ${inside ? INSIDE_CLEAN_UP : (cleanUp ?? '')}`;
}

function endings(client: Client, spec: BatchSpec, guard: CommitGuard | undefined): Commit {
  const found = async () => {
    const done = await selectCommit(client, spec);
    if (!done) throw new UnavailableError('lakehouse.unavailable', 'The commit cannot be found.');
    return done;
  };
  return {
    async now() {
      const done = await found();
      await guard?.(async (text, parameters) => (await client.query(text, parameters)).rows);
      const { command } = await client.query('commit');
      if (command !== 'COMMIT')
        throw new UnavailableError('lakehouse.unavailable', 'The commit was rolled back.');
      return done;
    },
    async foundDone() {
      await client.query('rollback');
      return found();
    },
  };
}

const TEXT: LakeType = { kind: 'string' };

function fieldsOf(values: readonly LakeValue[], types: readonly LakeType[]): string[] {
  return values.map((value, n) => copyFieldOf(value, types[n] ?? TEXT));
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
