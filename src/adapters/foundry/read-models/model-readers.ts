import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { quoteIdentifier } from '../../../domain/sql-identifier.ts';
import type { Reader } from '../postgres/with-reader.ts';

/** Any number all Ivory processes agree on: one changes roles and rights, the others wait. */
const SETUP_LOCK = 7_480_312_207;

export interface ModelReader extends Reader {
  /** What all tenants' readers are in: rights are its. */
  group: string;
}

/** The login of a tenant. It owns nothing, and what it sees is decided by who it is: read_models.current_tenant(). */
export async function ensureModelReader(client: Client, tenantId: string): Promise<ModelReader> {
  const { rows: databases } = await client.query<{ name: string }>('select current_database() as name');
  const database = databases[0]?.name ?? '';
  const group = roleName('ivory_models', [database]);
  const role = roleName('ivory_model', [database, tenantId]);
  const known = await readPassword(client, role, tenantId);
  if (known !== null) return { role, group, password: known };
  await client.query('select pg_advisory_xact_lock($1)', [SETUP_LOCK]);
  await createGroup(client, group);
  return { role, group, password: await createReader(client, { role, group, tenantId }) };
}

/** Null too where the role is not there: after a restore onto another server. */
async function readPassword(client: Client, role: string, tenantId: string): Promise<string | null> {
  const { rows } = await client.query<{ password: string }>(
    `select password from foundry.model_readers where role = $1 and tenant_id = $2
       and exists (select from pg_roles where rolname = $1)`,
    [role, tenantId],
  );
  return rows[0]?.password ?? null;
}

async function createGroup(client: Client, group: string): Promise<void> {
  const name = quoteIdentifier(group);
  if (!(await hasRole(client, group))) await client.query(`create role ${name} nologin noinherit`);
  await client.query(`grant usage on schema read_models to ${name}`);
}

async function createReader(
  client: Client,
  { role, group, tenantId }: { role: string; group: string; tenantId: string },
): Promise<string> {
  const { rows } = await client.query<{ password: string }>(
    `insert into foundry.model_readers as r (role, tenant_id, password) values ($1, $2, $3)
     on conflict (tenant_id) do update set role = excluded.role, password = r.password returning password`,
    [role, tenantId, randomBytes(24).toString('base64url')],
  );
  const password = rows[0]?.password ?? '';
  const name = quoteIdentifier(role);
  const verb = (await hasRole(client, role)) ? 'alter' : 'create';
  await client.query(
    `${verb} role ${name} login inherit nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
  await client.query(`grant ${quoteIdentifier(group)} to ${name}`);
  await client.query(`alter role ${name} set default_transaction_read_only = on`);
  await client.query(`alter role ${name} set statement_timeout = '10min'`);
  return password;
}

async function hasRole(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  return (rowCount ?? 0) > 0;
}

/** Roles belong to the whole server, so the database is part of the name. */
function roleName(kind: string, parts: readonly string[]): string {
  return `${kind}_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}
