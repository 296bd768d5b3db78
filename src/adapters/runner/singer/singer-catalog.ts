import { z } from 'zod';
import type { DiscoveredStream } from '../../../domain/connector-task.ts';
import { InvalidError } from '../../../errors.ts';
import { fieldType } from './field-type.ts';

const Metadata = z
  .array(z.looseObject({ breadcrumb: z.array(z.string()), metadata: z.looseObject({}) }))
  .nullish()
  .transform((entries) => entries ?? []);

const Catalog = z.looseObject({ streams: z.array(z.looseObject({ metadata: Metadata })) });

/** Selects every stream and field of a discovered Singer catalog. Throws InvalidError `tap.invalid_catalog`. */
export function selectAll(discovered: string): string {
  const catalog = parseAs(Catalog, discovered);
  const streams = catalog.streams.map((stream) => ({
    ...stream,
    selected: true,
    metadata: withRoot(stream.metadata).map(({ breadcrumb, metadata }) => ({
      breadcrumb,
      metadata: metadata['inclusion'] === 'unsupported' ? metadata : { ...metadata, selected: true },
    })),
  }));
  return JSON.stringify({ ...catalog, streams });
}

const Names = z.array(z.string()).nullish().catch(null);

const Described = z.looseObject({
  streams: z.array(
    z.looseObject({
      stream: z.string().optional(),
      tap_stream_id: z.string().optional(),
      key_properties: Names,
      replication_key: z.string().nullish().catch(null),
      schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).nullish() }).nullish(),
      metadata: Metadata,
    }),
  ),
});

type DescribedStream = z.infer<typeof Described>['streams'][number];

/** The streams of a discovered Singer catalog with their fields, without those the tap says it cannot read. Throws InvalidError `tap.invalid_catalog`. */
export function discoveredStreams(discovered: string): DiscoveredStream[] {
  return parseAs(Described, discovered).streams.map((entry) => {
    const root = entry.metadata.find(({ breadcrumb }) => breadcrumb.length === 0)?.metadata ?? {};
    const stream = entry.stream ?? entry.tap_stream_id;
    if (stream === undefined) throw invalidCatalog('a stream has no name.');
    return {
      stream,
      keyProperties:
        namesIn(entry.key_properties) ??
        namesIn(root['table-key-properties']) ??
        namesIn(root['view-key-properties']) ??
        [],
      replicationKey: replicationKeyOf(entry, root),
      fields: fieldsOf(entry),
    };
  });
}

function replicationKeyOf(entry: DescribedStream, root: Record<string, unknown>): string | null {
  const said = entry.replication_key ?? root['replication-key'];
  if (typeof said === 'string' && said !== '') return said;
  return namesIn(root['valid-replication-keys'])?.[0] ?? null;
}

function namesIn(value: unknown): string[] | null {
  const names = Names.parse(value);
  return names && names.length > 0 ? names : null;
}

function fieldsOf({ schema, metadata }: DescribedStream): Record<string, string> {
  const unsupported = new Set(
    metadata
      .filter((entry) => entry.breadcrumb.length === 2 && entry.metadata['inclusion'] === 'unsupported')
      .map(({ breadcrumb }) => breadcrumb[1]),
  );
  const fields = Object.entries(schema?.properties ?? {}).filter(([name]) => !unsupported.has(name));
  return Object.fromEntries(fields.map(([name, property]) => [name, fieldType(property)]));
}

function parseAs<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw invalidCatalog(z.prettifyError(parsed.error));
}

function invalidCatalog(why: string): InvalidError {
  return new InvalidError('tap.invalid_catalog', `The tap's catalog is not a Singer catalog: ${why}`);
}

interface Entry {
  breadcrumb: string[];
  metadata: Record<string, unknown>;
}

function withRoot(entries: Entry[]): Entry[] {
  const hasRoot = entries.some(({ breadcrumb }) => breadcrumb.length === 0);
  return hasRoot ? entries : [{ breadcrumb: [], metadata: {} }, ...entries];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidError('tap.invalid_catalog', 'The tap printed no JSON when asked to discover.', {
      cause,
    });
  }
}
