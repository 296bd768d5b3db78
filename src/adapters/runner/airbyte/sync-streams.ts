import type { DiscoveredStream } from '../../../domain/connector-task.ts';
import { InvalidError } from '../../../errors.ts';
import type { JsonObject } from '../../../singer/json-schema.ts';
import { fieldType } from '../singer/field-type.ts';
import type { StreamDescriptor } from './protocol.ts';
import { type SingerProperties, singerProperties } from './singer-schema.ts';
import { type FieldPath, type SourceStream, type SyncMode, sourceStreams } from './source-streams.ts';
import { type SourceConfig, type StreamSetting, selectStreams } from './stream-settings.ts';

/** Tells the rows of a full refresh apart where the source names no key: unique to the refresh and the row. */
export const ROW_ID = '_airbyte_raw_id';

/** Where sources that read a database's log say that a row was deleted. */
export const DELETED_AT = '_ab_cdc_deleted_at';

/** A stream as it is read. */
export interface SyncStream {
  name: string;
  descriptor: StreamDescriptor;
  mode: SyncMode;
  properties: SingerProperties;
  /** Singer's key_properties. */
  keys: readonly string[];
  /** Whether its rows get a ROW_ID. */
  hasRowId: boolean;
  /** Whether its rows may say in DELETED_AT that they are gone. */
  tellsDeleted: boolean;
  cursor: FieldPath;
  isResumable: boolean;
  /** Its entry in the catalog that is given to the source. */
  configured: JsonObject;
}

/** What is read of a catalog under a connector's config. Throws InvalidError `source.invalid_catalog`, `connector.config_invalid`. */
export function syncStreams(catalog: readonly unknown[], settings: SourceConfig['streams']): SyncStream[] {
  return selectStreams(sourceStreams(catalog), settings).map(({ stream, setting }) =>
    syncStream(stream, setting),
  );
}

export function discovered({ name, keys, cursor, mode, properties }: SyncStream): DiscoveredStream {
  const fields = Object.entries(properties).map(([field, property]) => [field, fieldType(property)]);
  return {
    stream: name,
    keyProperties: [...keys],
    replicationKey: mode === 'incremental' && cursor.length > 0 ? cursor.join('.') : null,
    fields: Object.fromEntries(fields),
  };
}

function syncStream(stream: SourceStream, setting: StreamSetting): SyncStream {
  const cursor = setting.cursor_field ?? stream.cursor;
  const mode = setting.sync_mode ?? defaultMode(stream, cursor);
  assertMode(stream, mode, cursor);
  const primaryKey = setting.primary_key ?? stream.primaryKey;
  const ownKeys = topLevelKeys(primaryKey, stream);
  const hasRowId = ownKeys.length === 0 && mode === 'full_refresh';
  const keys = hasRowId ? [ROW_ID] : ownKeys;
  const own = singerProperties(stream.jsonSchema, ownKeys);
  return {
    name: stream.name,
    descriptor: stream.descriptor,
    mode,
    keys,
    hasRowId,
    tellsDeleted: mode === 'incremental' && ownKeys.length > 0 && Object.hasOwn(own, DELETED_AT),
    properties: hasRowId ? { [ROW_ID]: { type: ['string'] }, ...own } : own,
    cursor,
    isResumable: stream.isResumable,
    configured: {
      stream: stream.described,
      sync_mode: mode,
      destination_sync_mode:
        mode === 'full_refresh' ? 'overwrite' : keys.length > 0 ? 'append_dedup' : 'append',
      ...(mode === 'incremental' && cursor.length > 0 ? { cursor_field: cursor } : {}),
      ...(primaryKey.length > 0 ? { primary_key: primaryKey } : {}),
    },
  };
}

function defaultMode({ modes, isCursorOfSource }: SourceStream, cursor: FieldPath): SyncMode {
  return modes.includes('incremental') && (isCursorOfSource || cursor.length > 0)
    ? 'incremental'
    : 'full_refresh';
}

function assertMode(
  { name, modes, isCursorOfSource }: SourceStream,
  mode: SyncMode,
  cursor: FieldPath,
): void {
  if (!modes.includes(mode))
    throw new InvalidError(
      'connector.config_invalid',
      `Stream "${name}" has no ${mode} sync; the source offers ${modes.join(' and ')}.`,
    );
  if (mode === 'incremental' && !isCursorOfSource && cursor.length === 0)
    throw new InvalidError(
      'connector.config_invalid',
      `Stream "${name}" needs a cursor_field to be read incrementally.`,
    );
}

/** A key deep in a record cannot be one of a table: such a stream is treated as one without a key. */
function topLevelKeys(primaryKey: readonly FieldPath[], { jsonSchema }: SourceStream): string[] {
  if (primaryKey.some((path) => path.length !== 1)) return [];
  const fields = singerProperties(jsonSchema, []);
  const keys = primaryKey.flatMap(([field]) => (field === undefined ? [] : [field]));
  return keys.every((key) => Object.hasOwn(fields, key)) ? keys : [];
}
