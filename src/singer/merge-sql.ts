import type { PgType } from './column-type.ts';
import { literal, quoted, quotedList } from './identifiers.ts';
import { LOAD_COLUMN, type StagingTable } from './staging-table.ts';
import type { StreamPlan } from './stream-plan.ts';

/** The metadata a row carries itself; the other metadata columns are the same for a whole batch or follow from these. */
export const CARRIED_METADATA: readonly { name: string; type: PgType }[] = [
  { name: '_sdc_extracted_at', type: 'timestamp without time zone' },
  { name: '_sdc_deleted_at', type: 'timestamp without time zone' },
  { name: '_sdc_table_version', type: 'bigint' },
  { name: '_sdc_sequence', type: 'bigint' },
];

export interface BatchConstants {
  batchedAt: Date;
  syncStartedAtMs: number;
  loadId: string | null;
}

export interface LaneStatements {
  createBuffer: string;
  copy: string;
  /** Last row of a key wins, within the batch and over the table. */
  merge(constants: BatchConstants): string;
  /** Adds every row as it is; a key that is there already is a unique violation. */
  append(constants: BatchConstants): string;
}

/**
 * SQL that moves rows of one stream through a temporary table into its staging table: last row of a key wins, a row without keys is
 * appended. The buffer's columns are the plan's fields, then the carried metadata.
 */
export function laneStatements(plan: StreamPlan, target: StagingTable, bufferName: string): LaneStatements {
  const buffer = `pg_temp.${quoted(bufferName)}`;
  const fields = plan.fields.map(({ name, type }) => ({ name, type: target.types.get(name) ?? type }));
  const columns = plan.metadata ? [...fields, ...CARRIED_METADATA] : fields;
  const definitions = columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');
  return {
    createBuffer: `create temporary table if not exists ${quoted(bufferName)} (${definitions}) on commit delete rows`,
    copy: `copy ${buffer} (${quotedList(columns.map(({ name }) => name))}) from stdin`,
    merge: (constants) => mergeSql(plan, target, buffer, constants),
    append: (constants) => appendSql(plan, target, buffer, constants),
  };
}

function mergeSql(plan: StreamPlan, target: StagingTable, buffer: string, constants: BatchConstants): string {
  const { into, names, values } = insertion(plan, target, constants);
  const keys = quotedList(plan.keys);
  const others = names.filter((name) => !plan.keys.includes(name)).map(quoted);
  const update = others.map((name) => `${name} = excluded.${name}`).join(', ');
  return `${into} select distinct on (${keys}) ${values} from ${buffer} order by ${keys}, ctid desc
    on conflict (${keys}) do ${update === '' ? 'nothing' : `update set ${update}`}`;
}

function appendSql(
  plan: StreamPlan,
  target: StagingTable,
  buffer: string,
  constants: BatchConstants,
): string {
  const { into, values } = insertion(plan, target, constants);
  return `${into} select ${values} from ${buffer}`;
}

function insertion(plan: StreamPlan, target: StagingTable, constants: BatchConstants) {
  const byName = new Map(plan.fields.map(({ name }) => [name, quoted(name)]));
  if (plan.metadata) for (const [name, value] of metadataValues(constants)) byName.set(name, value);
  if (constants.loadId !== null) byName.set(LOAD_COLUMN.name, constants.loadId);
  const names = [...byName.keys()];
  const into = `insert into ${quoted(target.schema)}.${quoted(target.table)} (${quotedList(names)})`;
  return { into, names, values: [...byName.values()].join(', ') };
}

function metadataValues({ batchedAt, syncStartedAtMs }: BatchConstants): [string, string][] {
  const received = `timestamp 'epoch' + "_sdc_sequence" * interval '1 millisecond'`;
  return [
    ...CARRIED_METADATA.map(({ name }): [string, string] => [name, quoted(name)]),
    ['_sdc_received_at', received],
    ['_sdc_batched_at', `${literal(batchedAt.toISOString().slice(0, -1))}::timestamp`],
    ['_sdc_sync_started_at', String(Math.trunc(syncStartedAtMs))],
  ];
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
