import { createHash } from 'node:crypto';
import type { Pool } from '../../../db/client.ts';
import { FIVETRAN_LOGS, FIVETRAN_SYNCED } from '../../../domain/fivetran-staging.ts';
import { quoteIdentifier, quoteTable } from '../../../domain/sql-identifier.ts';
import type { Query } from './staging-transaction.ts';

/** A table Fivetran keeps in the staging schema. */
export interface FivetranTable {
  schema: string;
  table: string;
  /** Of its `_fivetran_synced`. */
  syncedType: 'timestamp with time zone' | 'timestamp without time zone';
  /** It tells already which rows Fivetran has written since they were last read. */
  prepared: boolean;
}

export const LOAD_COLUMN = '_ivory_load_id';
const TRIGGER = '_ivory_track_sync';
/** Of a table another loader writes: it would claim rows for whichever load comes next. */
const FOREIGN_TRIGGER = '_ivory_track_load';

/** null: there is no such schema. Tables without `_fivetran_synced` are none of Fivetran's streams. */
export async function listFivetranTables(pool: Pool, schema: string): Promise<FivetranTable[] | null> {
  const found = await pool.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (found.rowCount === 0) return null;
  const { rows } = await pool.query<FivetranTable>(
    `select $1::text as schema, c.relname::text as table, format_type(a.atttypid, null) as "syncedType",
       exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = $3)
       and exists (select from pg_attribute l where l.attrelid = c.oid and l.attname = $4 and not l.attisdropped) as prepared
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = $2 and not a.attisdropped
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all($5::text[])
       and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)
     order by c.relname`,
    [schema, FIVETRAN_SYNCED, TRIGGER, LOAD_COLUMN, [...FIVETRAN_LOGS]],
  );
  return rows;
}

/**
 * Makes a table tell which rows Fivetran has written since they were last read: those have no load id. Without a clock, so that rows with
 * equal times, or times before the last ones read, are not overlooked. A row Fivetran rewrites without having synced it anew (it
 * changes a column's type that way) keeps its mark, unless it was deleted or ended by it.
 */
export async function prepareTable(query: Query, { schema, table }: FivetranTable): Promise<void> {
  const at = quoteTable(schema, table);
  const track = `${quoteIdentifier(schema)}.${TRIGGER}`;
  await query(`alter table ${at} add column if not exists ${LOAD_COLUMN} bigint`);
  await query(`create index if not exists ${indexName(table, 'load')} on ${at} (${LOAD_COLUMN})`);
  await query(`create index if not exists ${indexName(table, 'synced')} on ${at} (${FIVETRAN_SYNCED})`);
  await query(`create or replace function ${track}() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        if new.${LOAD_COLUMN} is distinct from old.${LOAD_COLUMN} then
          return new;
        end if;
        if new.${FIVETRAN_SYNCED} is not distinct from old.${FIVETRAN_SYNCED} then
          if jsonb_build_array(to_jsonb(new)->'_fivetran_deleted', to_jsonb(new)->'_fivetran_active', to_jsonb(new)->'_fivetran_end')
            = jsonb_build_array(to_jsonb(old)->'_fivetran_deleted', to_jsonb(old)->'_fivetran_active', to_jsonb(old)->'_fivetran_end') then
            return new;
          end if;
        end if;
      end if;
      new.${LOAD_COLUMN} := null;
      return new;
    end $$`);
  await query(`drop trigger if exists ${FOREIGN_TRIGGER} on ${at}`);
  await query(`create or replace trigger ${TRIGGER} before insert or update on ${at}
    for each row execute function ${track}()`);
}

function indexName(table: string, what: string): string {
  const hash = createHash('sha256').update(table).digest('hex').slice(0, 12);
  return quoteIdentifier(`_ivory_${what}_${hash}`);
}
