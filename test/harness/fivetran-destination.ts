import type { Sql } from '../../src/db/client.ts';

export interface FivetranTableSpec {
  /** Column -> SQL type, without Fivetran's own. */
  columns: Record<string, string>;
  /** Declared as the primary key; empty: rows are told apart by `_fivetran_id`, undeclared. */
  key: string[];
}

type Row = Record<string, unknown>;

/** Writes tables as Fivetran does in a Postgres destination: an upsert by key, with `_fivetran_synced` and `_fivetran_deleted` on each row. */
export function createFivetranDestination(sql: Sql, schema: string) {
  const at = (table: string) => `"${schema}"."${table}"`;
  const keysOf = ({ key }: FivetranTableSpec) => (key.length > 0 ? key : ['_fivetran_id']);

  return {
    async create(table: string, spec: FivetranTableSpec): Promise<void> {
      const own = spec.key.length > 0 ? {} : { _fivetran_id: 'text' };
      const columns = Object.entries({ ...spec.columns, ...own }).map(([name, type]) => `"${name}" ${type}`);
      const key =
        spec.key.length > 0 ? `, primary key (${spec.key.map((name) => `"${name}"`).join(', ')})` : '';
      await sql.unsafe(`create schema if not exists "${schema}";
        create table ${at(table)} (${columns.join(', ')}, _fivetran_deleted boolean,
          _fivetran_synced timestamptz${key})`);
    },
    /** Inserts the rows or updates those with the same key. */
    async sync(table: string, spec: FivetranTableSpec, rows: readonly Row[], synced: string): Promise<void> {
      if (rows.length === 0) return;
      const stamped = rows.map((row) => ({ _fivetran_deleted: false, ...row, _fivetran_synced: synced }));
      const names = [...new Set(stamped.flatMap((row) => Object.keys(row)))];
      const list = (prefix: string) => names.map((name) => `${prefix}"${name}"`).join(', ');
      const same = keysOf(spec)
        .map((name) => `old."${name}" = new."${name}"`)
        .join(' and ');
      const json = JSON.stringify(stamped).replaceAll("'", "''");
      await sql.unsafe(`with new as materialized (select * from json_populate_recordset(null::${at(table)}, '${json}'::json)),
        changed as (update ${at(table)} old set ${names.map((name) => `"${name}" = new."${name}"`).join(', ')}
          from new where ${same} returning 1)
        insert into ${at(table)} (${list('')}) select ${list('new.')} from new
          where not exists (select from ${at(table)} old where ${same})`);
    },
    async run(statement: string): Promise<void> {
      await sql.unsafe(statement.replaceAll('{schema}', `"${schema}"`));
    },
  };
}
