/** When Fivetran last extracted the row. On every table it writes. */
export const FIVETRAN_SYNCED = '_fivetran_synced';
/** Whether the source has deleted the row; Fivetran keeps it. */
export const FIVETRAN_DELETED = '_fivetran_deleted';
/** Columns about the copy of a row, not of it. */
export const FIVETRAN_METADATA: ReadonlySet<string> = new Set([FIVETRAN_SYNCED, FIVETRAN_DELETED]);
/** Fivetran's own key of a row whose source has none. */
export const FIVETRAN_ID = '_fivetran_id';
/** What Fivetran writes down about its own work, beside a connection's tables. */
export const FIVETRAN_LOGS: ReadonlySet<string> = new Set([
  'fivetran_audit',
  'fivetran_audit_warning',
  'fivetran_log',
]);

interface Table {
  /** The Singer stream Ivory's own loader wrote it for. */
  stream: string | null;
  columns: readonly { name: string }[];
}

/** Whether Fivetran writes this table. One that a Singer loader writes may hold Fivetran's columns too: its source was such a copy. */
export function isFivetranTable({ stream, columns }: Table): boolean {
  return (
    stream === null &&
    columns.some(({ name }) => name === FIVETRAN_SYNCED) &&
    !columns.some(({ name }) => name.startsWith('_sdc_'))
  );
}
