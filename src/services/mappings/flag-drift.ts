import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import {
  type FieldMapping,
  listFieldMappings,
  lockMappings,
  setMappingDrifts,
} from '../../db/queries/field-mappings.ts';
import {
  listSourceSchemas,
  type SourceSchemaRow,
  saveSourceSchemas,
} from '../../db/queries/source-schemas.ts';
import {
  changedFields,
  driftAfter,
  type FieldChange,
  type KnownFields,
  type SchemaOrigin,
  type SourceFields,
} from '../../domain/source-drift.ts';
import { notifyDrift } from '../notifications/notify-drift.ts';
import { type ChangedMapping, recordMappingChanges } from './record-change.ts';

/** What a source has told of its streams. */
export interface ToldSource {
  connectorId: string;
  origin: SchemaOrigin;
  streams: ReadonlyMap<string, SourceFields>;
  /** Every stream there is: one that is not told is gone. */
  isComplete: boolean;
  /** The type told of a field whose type is not known; null: all are known. */
  untyped: string | null;
}

/** What is different, or to be looked at, in one stream. */
export interface NotedStream {
  stream: string;
  /** Since it was told before. */
  changes: FieldChange[];
  /** Mappings whose field has changed and that nobody has reviewed since. */
  flagged: FieldMapping[];
  /** Fields without a mapping, of a stream that has mappings. */
  unmapped: string[];
}

/**
 * Compares what a source tells with what it told before, flags the mappings whose field is gone or of another type, takes the flag off
 * those whose field is as it was, and remembers what was told. Answers every stream told. Locks the connector's mappings.
 */
export async function noteSource(tx: DbOrTx, ctx: Ctx, told: ToldSource): Promise<NotedStream[]> {
  const { connectorId, origin } = told;
  const { tenantId } = ctx;
  await lockMappings(tx, connectorId);
  const known = Map.groupBy(await listSourceSchemas(tx, tenantId, connectorId), ({ stream }) => stream);
  const streams = withGone(told, known);
  const mappings = Map.groupBy(
    await listFieldMappings(tx, tenantId, connectorId),
    ({ sourceStream }) => sourceStream,
  );
  const at = ctx.now().toISOString();
  const moved: ChangedMapping[] = [];
  const noted = [...streams].map(([stream, fields]): NotedStream => {
    const changes = changedFields(knownOf(known.get(stream) ?? [], origin), fields).filter(
      (change) =>
        !isMetadata(change.field) && (change.kind !== 'type_changed' || change.from !== told.untyped),
    );
    const changeOf = new Map(changes.map((change) => [change.field, change]));
    const own = (mappings.get(stream) ?? []).map((mapping) => {
      const change = changeOf.get(mapping.sourceField);
      const drift = isMetadata(mapping.sourceField)
        ? null
        : driftAfter(mapping, { origin, fields, change, at });
      if (drift !== mapping.drift)
        moved.push({ mapping, action: drift ? 'flagged' : 'unflagged', from: mapping, to: { drift } });
      return { ...mapping, drift };
    });
    return { stream, changes, flagged: own.filter(({ drift }) => drift), unmapped: unmappedOf(fields, own) };
  });
  await setMappingDrifts(
    tx,
    tenantId,
    moved.map(({ mapping: { id }, to }) => ({ id, drift: to?.drift ?? null })),
  );
  await recordMappingChanges(tx, ctx, moved);
  await saveSourceSchemas(tx, { tenantId, connectorId, origin }, streams);
  await notifyDrift(ctx, tx, { connectorId, origin, streams: noted });
  return noted;
}

/** The streams told, those that can be kept; and without a field those that the same origin told before and does not any more. */
function withGone(
  { origin, streams, isComplete }: ToldSource,
  known: ReadonlyMap<string, SourceSchemaRow[]>,
): Map<string, SourceFields> {
  const told = new Map([...streams].filter(([stream]) => isKeepable(stream)));
  if (!isComplete) return told;
  for (const [stream, rows] of known)
    if (!told.has(stream) && rows.some((row) => row.origin === origin)) told.set(stream, {});
  return told;
}

/** Postgres' text holds neither; no mapping has such a stream. */
function isKeepable(stream: string): boolean {
  return !stream.includes('\0') && stream.isWellFormed();
}

/** Rows of one stream, latest first. */
function knownOf(rows: readonly SourceSchemaRow[], origin: SchemaOrigin): KnownFields {
  const at = rows.findIndex((row) => row.origin === origin);
  const own = rows[at]?.fields ?? null;
  const others = own === null ? rows : rows.slice(0, at);
  return { own, other: others.find((row) => row.origin !== origin)?.fields ?? null };
}

function unmappedOf(fields: SourceFields, mappings: readonly FieldMapping[]): string[] {
  if (mappings.length === 0) return [];
  const mapped = new Set(mappings.map(({ sourceField }) => sourceField));
  return Object.keys(fields).filter((field) => !mapped.has(field) && !isMetadata(field));
}

/** What loaders and targets add to every row is no field of the source. */
function isMetadata(field: string): boolean {
  return field.startsWith('_sdc_');
}
