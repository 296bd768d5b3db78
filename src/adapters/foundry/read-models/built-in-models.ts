/** A view of the control plane's own data, made by a migration. */
export interface BuiltInModel {
  name: string;
  key: string[];
  columns: Record<string, string>;
}

export const BUILT_IN_MODELS: readonly BuiltInModel[] = [
  {
    name: 'connectors',
    key: ['id'],
    columns: {
      source_system: 'Where the rows come from, such as salesforce',
      status: 'active, paused or error',
      destination_table: 'Where the rows go in the lakehouse',
      sync_schedule: 'Cron, in timezone',
      rows_total: 'Rows loaded since the connector was registered',
      consecutive_failures: 'Failed runs since the last good one',
    },
  },
  {
    name: 'sync_runs',
    key: ['id'],
    columns: {
      status: 'completed, partial, failed or cancelled',
      trigger: 'schedule, manual, retry or webhook',
      rows_synced: 'Rows read from the source',
      rows_loaded: 'Rows written to the lakehouse',
      transform_errors: 'Rows a transform or a type refused',
      duration_s: 'Seconds',
    },
  },
  {
    name: 'run_tables',
    key: ['sync_run_id', 'stream', 'table_name'],
    columns: { table_name: 'namespace.table in the lakehouse', stream: "The source's name of it" },
  },
  { name: 'daily_loads', key: ['day', 'connector_id'], columns: { day: 'UTC' } },
  {
    name: 'rejected_rows',
    key: ['id'],
    columns: { error: 'Why the row was refused', expression: 'The transform that refused it' },
  },
  {
    name: 'field_mappings',
    key: ['id'],
    columns: {
      confidence_score: '0 to 1',
      reviewed: 'A person said it is right',
      llm_mapped: 'Proposed by a model',
      transform_fn: 'What is done to each value',
    },
  },
];

/** What the views are made of. */
export const BEHIND_MODELS = [
  'etl.meltano_connectors',
  'etl.sync_runs',
  'etl.rejected_rows',
  'etl.field_mappings',
];
