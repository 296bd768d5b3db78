import { quoted, quotedList } from './identifiers.ts';
import { LOAD_COLUMN, type StagingTable } from './staging-table.ts';
import { type Column, METADATA_COLUMNS, type StreamPlan } from './stream-plan.ts';

export interface LaneStatements {
  /** COPY straight into the table; a key that is there already is a unique violation. */
  append: string;
  /** COPY through a temporary table: last row of a key wins, within the batch and over the table. */
  merge: string;
}

/** What a row carries, in COPY's order: the plan's fields, the metadata, the load id. */
export function carriedColumns(plan: StreamPlan, withLoadId: boolean): Column[] {
  return [...plan.fields, ...(plan.metadata ? METADATA_COLUMNS : []), ...(withLoadId ? [LOAD_COLUMN] : [])];
}

/** SQL that takes rows of one stream into its staging table. */
export function laneStatements(
  plan: StreamPlan,
  target: StagingTable,
  { bufferName, withLoadId }: { bufferName: string; withLoadId: boolean },
): LaneStatements {
  const columns = carriedColumns(plan, withLoadId);
  const names = quotedList(columns.map(({ name }) => name));
  const table = `${quoted(target.schema)}.${quoted(target.table)}`;
  const buffer = `pg_temp.${quoted(bufferName)}`;
  const definitions = columns.map(({ name, type }) => `${quoted(name)} ${target.types.get(name) ?? type}`);
  return {
    append: `copy ${table} (${names}) from stdin`,
    merge: [
      `create temporary table if not exists ${quoted(bufferName)} (${definitions.join(', ')}) on commit delete rows`,
      `copy ${buffer} (${names}) from stdin`,
      upsert(plan, columns, table, buffer),
    ].join(';\n'),
  };
}

function upsert({ keys }: StreamPlan, columns: Column[], table: string, buffer: string): string {
  const names = columns.map(({ name }) => name);
  const others = names.filter((name) => !keys.includes(name)).map(quoted);
  const update = others.map((name) => `${name} = excluded.${name}`).join(', ');
  const by = quotedList(keys);
  return `insert into ${table} (${quotedList(names)})
    select distinct on (${by}) ${quotedList(names)} from ${buffer} order by ${by}, ctid desc
    on conflict (${by}) do ${update === '' ? 'nothing' : `update set ${update}`}`;
}

/** Deletes, or marks as deleted, the rows of older versions of a stream's table. `version` is digits. */
export function activateVersionSql(
  target: StagingTable,
  version: string,
  { hardDelete, loadId }: { hardDelete: boolean; loadId: string | null },
): string {
  const at = `${quoted(target.schema)}.${quoted(target.table)}`;
  const older = `("_sdc_table_version" is null or "_sdc_table_version" < ${version})`;
  if (hardDelete) return `delete from ${at} where ${older}`;
  const touched = loadId === null ? '' : `, ${quoted(LOAD_COLUMN.name)} = ${loadId}`;
  return `update ${at} set "_sdc_deleted_at" = now()${touched} where ${older} and "_sdc_deleted_at" is null`;
}
