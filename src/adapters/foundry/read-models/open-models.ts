import { type Client, DatabaseError } from 'pg';
import { quoteIdentifier, quoteTable } from '../../../domain/sql-identifier.ts';
import { BUILT_IN_MODELS } from './built-in-models.ts';

export const SCHEMA = 'read_models';
/** What the rows of a tenant have its id in. */
export const TENANT_COLUMN = 'tenant_id';
export const TENANT_CALL = `${SCHEMA}.current_tenant()`;

interface Closed {
  name: string;
  kind: string;
  has_policies: boolean;
}

/** Relations the group cannot read yet and may: the built-in views, and every table with a tenant column. */
const CLOSED = `
  select c.relname as name, c.relkind as kind, (select count(*) = 2 from pg_policy p where p.polrelid = c.oid
      and p.polname in ('ivory_tenant', 'ivory_tenant_only')) and c.relrowsecurity as has_policies
  from pg_class c where c.relnamespace = $1::regnamespace and not c.relispartition
    and (c.relkind = 'v' and c.relname = any($3) or c.relkind in ('r', 'p') and exists (select from pg_attribute a
      where a.attrelid = c.oid and a.attname = $4 and not a.attisdropped))
    and not (has_table_privilege($2, c.oid, 'select') and (c.relkind = 'v' or (select count(*) = 2 from pg_policy p
      where p.polrelid = c.oid and p.polname in ('ivory_tenant', 'ivory_tenant_only')) and c.relrowsecurity))
  order by 1`;

/**
 * Lets the readers read what there is to read. A table of the operator's gets row level security and two policies for the readers (one permits, one
 * restricts whatever else permits), then the right; one Ivory may not alter stays closed. What has no tenant column is never opened.
 */
export async function openModels(client: Client, group: string): Promise<void> {
  const { rows } = await client.query<Closed>(CLOSED, [
    SCHEMA,
    group,
    BUILT_IN_MODELS.map(({ name }) => name),
    TENANT_COLUMN,
  ]);
  // whoever reads or writes the table meanwhile is not held up for long
  if (rows.length > 0) await client.query(`set local lock_timeout = '2s'`);
  for (const closed of rows) await openOne(client, group, closed);
}

async function openOne(client: Client, group: string, { name, kind, has_policies }: Closed): Promise<void> {
  const [table, role] = [quoteTable(SCHEMA, name), quoteIdentifier(group)];
  const guarded = kind === 'v' || has_policies ? [] : policies(table, role);
  await client.query('savepoint opening');
  try {
    for (const statement of [...guarded, `grant select on ${table} to ${role}`])
      await client.query(statement);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await client.query('rollback to savepoint opening');
  }
  await client.query('release savepoint opening');
}

/** Both say whose the row is: were the column dropped, both would go, and nothing would be permitted. */
function policies(table: string, role: string): string[] {
  const own = `for select to ${role} using (${quoteIdentifier(TENANT_COLUMN)}::text = (select ${TENANT_CALL}))`;
  return [
    `alter table ${table} enable row level security`,
    `drop policy if exists ivory_tenant on ${table}`,
    `drop policy if exists ivory_tenant_only on ${table}`,
    `create policy ivory_tenant on ${table} as permissive ${own}`,
    `create policy ivory_tenant_only on ${table} as restrictive ${own}`,
  ];
}
