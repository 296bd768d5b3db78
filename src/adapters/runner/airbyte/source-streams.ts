import { z } from 'zod';
import { InvalidError } from '../../../errors.ts';
import type { JsonObject } from '../../../singer/json-schema.ts';
import { type StreamDescriptor, streamName } from './protocol.ts';

export type SyncMode = 'full_refresh' | 'incremental';

/** A field, as the way to it from the top of a record. */
export type FieldPath = readonly string[];

/** A stream as its source describes it. */
export interface SourceStream {
  name: string;
  descriptor: StreamDescriptor;
  jsonSchema: unknown;
  modes: readonly SyncMode[];
  isCursorOfSource: boolean;
  cursor: FieldPath;
  primaryKey: readonly FieldPath[];
  /** Whether a full refresh that was interrupted can go on from its state. */
  isResumable: boolean;
  /** The whole description, to be given back. */
  described: JsonObject;
}

const Path = z.array(z.string());
const Described = z.looseObject({
  name: z.string().min(1),
  namespace: z.string().nullish(),
  json_schema: z.unknown(),
  supported_sync_modes: z.array(z.string()).nullish(),
  source_defined_cursor: z.boolean().nullish(),
  default_cursor_field: Path.nullish(),
  source_defined_primary_key: z.array(Path).nullish(),
  is_resumable: z.boolean().nullish(),
});

/** The streams of a catalog. Throws InvalidError `source.invalid_catalog`, also for two streams that would be called the same. */
export function sourceStreams(catalog: readonly unknown[]): SourceStream[] {
  const streams = catalog.map(sourceStream);
  const seen = new Set<string>();
  for (const { name } of streams) {
    if (seen.has(name)) throw invalidCatalog(`two of its streams would be called "${name}".`);
    seen.add(name);
  }
  return streams;
}

function sourceStream(entry: unknown): SourceStream {
  const parsed = Described.safeParse(entry);
  if (!parsed.success) throw invalidCatalog(z.prettifyError(parsed.error));
  const { data } = parsed;
  const descriptor = { name: data.name, namespace: data.namespace ?? null };
  return {
    name: streamName(descriptor),
    descriptor,
    jsonSchema: data.json_schema,
    modes: data.supported_sync_modes?.includes('incremental')
      ? ['full_refresh', 'incremental']
      : ['full_refresh'],
    isCursorOfSource: data.source_defined_cursor ?? false,
    cursor: data.default_cursor_field ?? [],
    primaryKey: (data.source_defined_primary_key ?? []).filter((path) => path.length > 0),
    isResumable: data.is_resumable ?? false,
    described: data,
  };
}

function invalidCatalog(why: string): InvalidError {
  return new InvalidError('source.invalid_catalog', `The source's catalog cannot be read: ${why}`);
}
