import type { Sql } from '../../../src/db/client.ts';

export interface ForeignStream {
  schema: string;
  /** The stream's table. */
  table: string;
  /** Column -> SQL type. */
  columns: Record<string, string>;
  key: string[];
}

/** The metadata columns of MeltanoLabs target-postgres. */
const METADATA = {
  _sdc_extracted_at: 'timestamp',
  _sdc_received_at: 'timestamp',
  _sdc_batched_at: 'timestamp',
  _sdc_deleted_at: 'timestamp',
  _sdc_sequence: 'bigint',
  _sdc_table_version: 'bigint',
  _sdc_sync_started_at: 'bigint',
};

/** Loads rows as MeltanoLabs target-postgres does: a temporary table, then an UPDATE of the keys that are there and an INSERT of the others. */
export async function loadAsTargetPostgres(
  sql: Sql,
  stream: ForeignStream,
  rows: Record<string, unknown>[],
): Promise<void> {
  const columns = { ...stream.columns, ...METADATA };
  const names = Object.keys(columns).map((name) => `"${name}"`);
  const target = `"${stream.schema}"."${stream.table}"`;
  const definitions = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`);
  const matches = stream.key.map((name) => `old."${name}" = new."${name}"`).join(' and ');
  const now = Date.now();
  const stamped = rows.map((row) => ({
    ...row,
    _sdc_extracted_at: new Date(now).toISOString(),
    _sdc_batched_at: new Date(now).toISOString(),
    _sdc_sequence: now,
    _sdc_table_version: 0,
  }));
  // One message on one connection: a temporary table is its connection's own.
  await sql.unsafe(`
    create schema if not exists "${stream.schema}";
    create table if not exists ${target} (${definitions.join(', ')}, primary key (${stream.key.map((name) => `"${name}"`).join(', ')}));
    create temporary table incoming (${definitions.join(', ')}) on commit drop;
    insert into incoming select * from json_populate_recordset(null::incoming, ${literal(JSON.stringify(stamped))}::json);
    update ${target} old set ${names.map((name) => `${name} = new.${name}`).join(', ')} from incoming new where ${matches};
    insert into ${target} (${names.join(', ')}) select ${names.map((name) => `new.${name}`).join(', ')}
      from incoming new left join ${target} old on ${matches} where old."${stream.key[0]}" is null`);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
