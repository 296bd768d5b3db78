/** When Fivetran last extracted the row. On every table it writes. */
export const FIVETRAN_SYNCED = '_fivetran_synced';
/** Whether the source has deleted the row; Fivetran keeps it. */
export const FIVETRAN_DELETED = '_fivetran_deleted';
/** Fivetran's own key of a row whose source has none. */
export const FIVETRAN_ID = '_fivetran_id';
/** What Fivetran writes down about its own work, beside a connection's tables. */
export const FIVETRAN_LOGS: ReadonlySet<string> = new Set([
  'fivetran_audit',
  'fivetran_audit_warning',
  'fivetran_log',
]);
