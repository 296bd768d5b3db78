import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { quoteIdentifier } from '../../domain/sql-identifier.ts';
import { lockSetup } from './postgres-ledger.ts';
import { findReader, type Reader } from './postgres-provision.ts';

const SETUP = `
  create table if not exists ivory_meta.askers (
    role text primary key, tenant_id text not null, namespaces text[] not null, password text not null)`;

export interface Asker extends Reader {
  /** Those of the asked ones that are this tenant's. */
  namespaces: string[];
}

/**
 * Who reads these namespaces of a tenant: the reader of the only one, or a role with the rights of all their readers. Another choice of
 * namespaces is another role, so none keeps a right to a namespace that is disabled since. Null: none of them is this tenant's.
 */
export async function findAsker(
  client: Client,
  tenantId: string,
  asked: readonly string[],
): Promise<Asker | null> {
  const readers = new Map<string, Reader>();
  for (const namespace of [...new Set(asked)].sort()) {
    const reader = await findReader(client, tenantId, namespace);
    if (reader) readers.set(namespace, reader);
  }
  const namespaces = [...readers.keys()];
  const [only] = readers.values();
  if (!only) return null;
  if (readers.size === 1) return { ...only, namespaces };
  return { ...(await combinedReader(client, tenantId, readers)), namespaces };
}

async function combinedReader(
  client: Client,
  tenantId: string,
  readers: ReadonlyMap<string, Reader>,
): Promise<Reader> {
  const { rows: places } = await client.query<{ database: string; has: boolean }>(
    `select current_database() as database, to_regclass('ivory_meta.askers') is not null as has`,
  );
  const [place] = places;
  const role = askerName([place?.database ?? '', tenantId, ...readers.keys()]);
  const known = place?.has ? await readPassword(client, role, tenantId) : null;
  if (known !== null) return { role, password: known };
  await lockSetup(client);
  await client.query(SETUP);
  const password = (await readPassword(client, role, tenantId)) ?? randomBytes(24).toString('base64url');
  await client.query('insert into ivory_meta.askers values ($1, $2, $3, $4) on conflict do nothing', [
    role,
    tenantId,
    [...readers.keys()],
    password,
  ]);
  await createRole(client, { role, password }, [...readers.values()]);
  return { role, password };
}

/** Null too where the role is not there: after a restore onto another server. */
async function readPassword(client: Client, role: string, tenantId: string): Promise<string | null> {
  const { rows } = await client.query<{ password: string }>(
    `select password from ivory_meta.askers where role = $1 and tenant_id = $2
       and exists (select from pg_roles where rolname = $1)`,
    [role, tenantId],
  );
  return rows[0]?.password ?? null;
}

async function createRole(
  client: Client,
  { role, password }: Reader,
  readers: readonly Reader[],
): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const name = quoteIdentifier(role);
  await client.query(
    `${rowCount ? 'alter' : 'create'} role ${name} login inherit nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
  const members = readers.map((reader) => quoteIdentifier(reader.role)).join(', ');
  await client.query(`grant ${members} to ${name}`);
}

/** Roles belong to the whole server, so the database is part of the name. */
function askerName(parts: readonly string[]): string {
  return `ivory_asker_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}
