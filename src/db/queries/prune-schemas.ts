import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { auditEvents, connectors } from '../schema/index.ts';

/** Digits of a connector's id at the end of its staging schema's name. */
const DIGITS = 8;

/**
 * Staging schemas whose connector was deleted: a loader outside of Ivory made them anew, or was not done when they were dropped. Only a
 * schema with the form of the template, of no connector that is there, and of one whose deletion is in the audit.
 */
export async function findOrphanSchemas(tx: DbOrTx, prefix: string, limit: number): Promise<string[]> {
  const { rows } = await tx.execute<{ name: string }>(sql`
    select nspname::text as name from pg_namespace
    where starts_with(nspname, ${prefix}) and nspname ~ ${`_[0-9a-f]{${DIGITS}}$`}
      and not exists (select from ${connectors} c where c.staging_schema = nspname)
    order by nspname limit 1000`);
  if (rows.length === 0) return [];
  const names = rows.map(({ name }) => name);
  const proven = await tx.execute<{ name: string }>(sql`
    select name from unnest(${sql.param(names)}::text[]) as orphan (name)
    where right(name, ${DIGITS}) in (select left(replace(subject, '-', ''), ${DIGITS}) from ${auditEvents} where action = 'connector.delete')
    limit ${limit}`);
  return proven.rows.map(({ name }) => name);
}

/** Drops one, unless it has a connector now. False: it has. */
export async function dropOrphanSchema(tx: DbOrTx, schema: string): Promise<boolean> {
  const taken = await tx.execute(sql`select from ${connectors} where staging_schema = ${schema}`);
  if (taken.rows.length > 0) return false;
  await tx.execute(sql`drop schema if exists ${sql.identifier(schema)} cascade`);
  return true;
}
