import { z } from 'zod';
import { InvalidError } from '../../errors.ts';
import type { Property } from './column-type.ts';
import { SOURCE_FILE, SOURCE_LINE } from './columns.ts';
import type { StreamConfig } from './config.ts';

const property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
});
const entrySchema = z.looseObject({
  tap_stream_id: z.string().optional(),
  stream: z.string(),
  selected: z.boolean().optional(),
  replication_method: z.string().nullish(),
  schema: z.looseObject({
    selected: z.boolean().optional(),
    properties: z.record(z.string(), property).default({}),
  }),
  metadata: z
    .array(z.object({ breadcrumb: z.array(z.string()), metadata: z.record(z.string(), z.unknown()) }))
    .nullish()
    .transform((list) => list ?? []),
});
const catalogSchema = z.looseObject({ streams: z.array(entrySchema) });

export type CatalogEntry = z.infer<typeof entrySchema>;

/** Throws InvalidError `tap.catalog_invalid`. */
export function parseCatalog(value: unknown): CatalogEntry[] {
  const parsed = catalogSchema.safeParse(value);
  if (parsed.success) return parsed.data.streams;
  const said = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new InvalidError('tap.catalog_invalid', `The catalog is not a Singer catalog: ${said}.`);
}

/** What a catalog says about one stream. */
export interface Selection {
  isSelected: boolean;
  isFullTable: boolean;
  isFieldSelected(name: string): boolean;
  properties: Record<string, Property>;
}

/** Everything, as without a catalog. */
export const SELECT_ALL: Selection = {
  isSelected: true,
  isFullTable: false,
  isFieldSelected: () => true,
  properties: {},
};

/** Reads `selected`, `selected-by-default` and `inclusion`, from the metadata and from the places older taps kept them. */
export function selectionOf(entry: CatalogEntry): Selection {
  const metadata = new Map(entry.metadata.map((item) => [item.breadcrumb.join('\0'), item.metadata]));
  const root = metadata.get('') ?? {};
  const said = flag(root['selected']) ?? entry.selected ?? entry.schema.selected;
  const byDefault = flag(root['selected-by-default']);
  const method = root['replication-method'] ?? entry.replication_method;
  const properties = entry.schema.properties;
  return {
    isSelected: said ?? byDefault ?? false,
    isFullTable: method === 'FULL_TABLE',
    isFieldSelected,
    properties,
  };

  function isFieldSelected(name: string): boolean {
    const field = metadata.get(`properties\0${name}`) ?? {};
    if (field['inclusion'] === 'automatic') return true;
    if (field['inclusion'] === 'unsupported') return false;
    const legacy = Object.hasOwn(properties, name) ? flag(properties[name]?.['selected']) : byDefault;
    return flag(field['selected']) ?? legacy ?? flag(field['selected-by-default']) ?? true;
  }
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

export interface DiscoveredStream {
  config: StreamConfig;
  properties: Record<string, Property>;
  files: number;
  formats: readonly string[];
}

/** One Singer catalog entry of a discovered stream. */
export function catalogEntry({ config, properties, files, formats }: DiscoveredStream): unknown {
  const keys = keyProperties(config);
  const root = {
    inclusion: 'available',
    'selected-by-default': true,
    'replication-method': 'INCREMENTAL',
    'valid-replication-keys': [],
    'table-key-properties': keys,
    'tap-files.path': config.path,
    'tap-files.format': formats,
    'tap-files.files': files,
  };
  const automatic = new Set([...keys, SOURCE_FILE, SOURCE_LINE]);
  const fields = Object.keys(properties).map((name) => ({
    breadcrumb: ['properties', name],
    metadata: { inclusion: automatic.has(name) ? 'automatic' : 'available', 'selected-by-default': true },
  }));
  return {
    tap_stream_id: config.name,
    stream: config.name,
    key_properties: keys,
    replication_method: 'INCREMENTAL',
    schema: { type: 'object', additionalProperties: false, properties },
    metadata: [{ breadcrumb: [], metadata: root }, ...fields],
  };
}

export function keyProperties({ key_properties: keys }: StreamConfig): readonly string[] {
  return keys ?? [SOURCE_FILE, SOURCE_LINE];
}
