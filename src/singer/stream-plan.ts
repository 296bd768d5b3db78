import { resolveStagingNames, stagingColumnName } from '../domain/staging-names.ts';
import { columnType, type PgType, TIMESTAMP } from './column-type.ts';
import { tooWide } from './database-refusal.ts';
import type { JsonObject } from './json-schema.ts';
import { singerError } from './refusal.ts';

export interface Column {
  name: string;
  type: PgType;
}

/** A column filled from a top-level field of the record. */
export interface FieldColumn extends Column {
  field: string;
}

/** What a SCHEMA message asks for, before a table is looked at. */
export interface StreamPlan {
  stream: string;
  schema: JsonObject;
  /** Every column in the order a new table gets them. */
  columns: Column[];
  /** The columns read from records; metadata columns are not among them. */
  fields: FieldColumn[];
  /** Fields that identify a row, and their columns in table order. Both empty: append. */
  keyFields: string[];
  keys: string[];
  metadata: boolean;
}

export interface PlanOptions {
  metadata: boolean;
  appendOnly: boolean;
}

/** The Singer SDK's record metadata, in the order it adds them. */
export const METADATA_COLUMNS: readonly Column[] = [
  { name: '_sdc_extracted_at', type: TIMESTAMP },
  { name: '_sdc_received_at', type: TIMESTAMP },
  { name: '_sdc_batched_at', type: TIMESTAMP },
  { name: '_sdc_deleted_at', type: TIMESTAMP },
  { name: '_sdc_sequence', type: 'bigint' },
  { name: '_sdc_table_version', type: 'bigint' },
  { name: '_sdc_sync_started_at', type: 'bigint' },
];
const METADATA = new Map(METADATA_COLUMNS.map((column) => [column.name, column]));

export interface SchemaMessage {
  stream: string;
  schema: JsonObject;
  keyProperties: string[];
  line: number;
}

/**
 * Columns, types and keys of a stream as target-postgres would lay them out: properties in order, `_sdc_*` after them (or where the
 * tap already names them). Throws InvalidError `singer.invalid_schema` for a key that is no property, `singer.schema_too_wide`.
 */
export function planStream(message: SchemaMessage, { metadata, appendOnly }: PlanOptions): StreamPlan {
  const properties = Object.entries(message.schema['properties'] ?? {}).filter(
    ([field]) => metadata || !METADATA.has(field),
  );
  const missing = message.keyProperties.find((key) => !properties.some(([field]) => field === key));
  if (missing !== undefined)
    throw singerError(
      'singer.invalid_schema',
      message,
      `key property "${missing}" is not a property of the schema.`,
    );
  assertKeyCount(message);
  const names = resolveStagingNames(
    properties.map(([field]) => field),
    stagingColumnName,
  );
  const all = properties.map(([field, schema]) => ({
    field,
    name: names.get(field) ?? field,
    type: columnType(schema),
  }));
  const fields = all.filter(({ field }) => !METADATA.has(field));
  const keyFields = appendOnly ? [] : message.keyProperties;
  const columns = [
    ...all.map(({ field, name, type }) => METADATA.get(field) ?? { name, type }),
    ...metadataAfter(all, metadata),
  ];
  if (columns.length > MAX_COLUMNS)
    throw tooWide(
      message,
      `${columns.length} columns (those of the metadata among them); a table of Postgres can have ${MAX_COLUMNS}.`,
    );
  return {
    stream: message.stream,
    schema: message.schema,
    columns,
    fields,
    keyFields,
    keys: fields.filter(({ field }) => keyFields.includes(field)).map(({ name }) => name),
    metadata,
  };
}

/** Limits of Postgres. */
const MAX_COLUMNS = 1600;
const MAX_KEY_COLUMNS = 32;

function assertKeyCount(message: SchemaMessage): void {
  const { length } = message.keyProperties;
  if (length > MAX_KEY_COLUMNS)
    throw tooWide(
      message,
      `${length} key properties; a key of Postgres can have ${MAX_KEY_COLUMNS} columns.`,
    );
}

function metadataAfter(present: FieldColumn[], metadata: boolean): readonly Column[] {
  return metadata ? METADATA_COLUMNS.filter(({ name }) => !present.some(({ field }) => field === name)) : [];
}
