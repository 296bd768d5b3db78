import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { quoteIdentifier } from '../../domain/sql-identifier.ts';
import { InvalidError } from '../../errors.ts';
import { createLedger, lockSetup } from './postgres-ledger.ts';

export interface Reader {
  role: string;
  password: string;
}

/**
 * Makes the schema of a namespace and its reader: a role that owns nothing and may read this schema's tables, now and later.
 * The reader logs in by itself. A role that the loader only switched to could switch back from within a query
 * (`select set_config('role', 'none', false)`) and be the loader again.
 */
export async function provisionNamespace(client: Client, tenantId: string, namespace: string): Promise<void> {
  await lockSetup(client);
  await createLedger(client);
  const reader =
    (await findReader(client, tenantId, namespace)) ?? (await claimNamespace(client, tenantId, namespace));
  await createReader(client, reader);
  await grantSchema(client, namespace, reader.role);
}

/** Null: this tenant has no such namespace. */
export async function findReader(
  client: Client,
  tenantId: string,
  namespace: string,
): Promise<Reader | null> {
  const { rows } = await client.query<Reader>(
    'select reader as role, reader_password as password from ivory_meta.namespaces where namespace = $1 and tenant_id = $2',
    [namespace, tenantId],
  );
  return rows[0] ?? null;
}

/** A schema that is there and not in the ledger is somebody else's: Ivory's own tables may live in the same database. */
async function claimNamespace(client: Client, tenantId: string, namespace: string): Promise<Reader> {
  const { rows } = await client.query<{ database: string; taken: boolean }>(
    `select current_database() as database, exists (select from pg_namespace where nspname = $1)
       or exists (select from ivory_meta.namespaces where namespace = $1) as taken`,
    [namespace],
  );
  if (rows[0]?.taken || namespace.startsWith('pg_')) {
    throw new InvalidError(
      'lakehouse.namespace_taken',
      `The namespace "${namespace}" is not free: choose another.`,
    );
  }
  const role = readerName([rows[0]?.database ?? '', tenantId, namespace]);
  const password = randomBytes(24).toString('base64url');
  await client.query('insert into ivory_meta.namespaces values ($1, $2, $3, $4)', [
    namespace,
    tenantId,
    role,
    password,
  ]);
  await client.query(`create schema ${quoteIdentifier(namespace)}`);
  return { role, password };
}

/** Roles belong to the whole server, so the database is part of the name. */
function readerName(parts: readonly string[]): string {
  return `ivory_reader_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

/** Also after a restore onto another server, where the ledger names a role that is not there. */
async function createReader(client: Client, { role, password }: Reader): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rowCount ? 'alter' : 'create';
  await client.query(
    `${verb} role ${quoteIdentifier(role)} login noinherit nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
}

async function grantSchema(client: Client, namespace: string, role: string): Promise<void> {
  const schema = quoteIdentifier(namespace);
  const reader = quoteIdentifier(role);
  await client.query(`revoke all on schema ${schema} from public`);
  await client.query(`grant usage on schema ${schema} to ${reader}`);
  await client.query(`grant select on all tables in schema ${schema} to ${reader}`);
  await client.query(`alter default privileges in schema ${schema} grant select on tables to ${reader}`);
}
