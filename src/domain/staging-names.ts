import { createHash } from 'node:crypto';

/** Longest identifier Postgres keeps, in bytes. */
const MAX_BYTES = 63;
/** Columns every Postgres table already has: a field of that name needs another one. */
const SYSTEM_COLUMNS = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/**
 * The staging table of a Singer stream, as MeltanoLabs target-postgres names it: the part after the last "-", letters as they are
 * ("public-users" -> "users", "TestCamelcase" -> "TestCamelcase"). Longer than 63 bytes: cut, with a hash of the whole name.
 */
export function stagingTableName(stream: string): string {
  return fitting(stream.slice(stream.lastIndexOf('-') + 1), stream);
}

/** The staging column of a top-level field: its own name, unless Postgres could not hold it. */
export function stagingColumnName(field: string): string {
  return SYSTEM_COLUMNS.has(field) ? withHash(field, field, 8) : fitting(field, field);
}

/** A name for a stream whose own table name belongs to another stream of the same schema. */
export function alternativeTableName(stream: string): string {
  return withHash(stream.slice(stream.lastIndexOf('-') + 1), stream, 16);
}

/**
 * One distinct name each, the same for the same set in any order. A source name that is its own staging name keeps it; of
 * several others that meet, the first in code point order does and the rest get a hash.
 */
export function resolveStagingNames(
  sources: Iterable<string>,
  nameOf: (source: string) => string,
): Map<string, string> {
  const all = [...new Set(sources)];
  const resolved = new Map(all.map((source) => [source, '']));
  const taken = new Set<string>();
  const claim = (source: string, name: string) => {
    resolved.set(source, name);
    taken.add(name);
  };
  for (const source of all) if (nameOf(source) === source) claim(source, source);
  const others = all.filter((source) => nameOf(source) !== source).sort();
  for (const source of others) {
    let name = nameOf(source);
    for (let salt = 0; taken.has(name); salt += 1) name = withHash(nameOf(source), `${source}\n${salt}`, 16);
    claim(source, name);
  }
  return resolved;
}

/**
 * The staging schema of a connector. `template` holds {source} and maybe {connector}: the slug of the source system
 * ([a-z0-9_]) and the first 8 hex digits of the connector's id. Never longer than 63 bytes: the slug gives way.
 */
export function stagingSchemaName(template: string, sourceSystem: string, connectorId: string): string {
  const connector = connectorId.replaceAll('-', '').slice(0, 8).toLowerCase();
  const around = template.replace('{connector}', connector);
  const room = MAX_BYTES - (around.length - '{source}'.length);
  const slug = slugOf(sourceSystem);
  return around.replace('{source}', slug.length <= room ? slug : withHash(slug, sourceSystem, 8, room));
}

function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return slug || `source_${hashOf(text, 8)}`;
}

function fitting(name: string, identity: string): string {
  const holds = name !== '' && !name.includes('\0') && name.isWellFormed();
  return holds && Buffer.byteLength(name) <= MAX_BYTES ? name : withHash(name, identity, 8);
}

function withHash(name: string, identity: string, digits: number, maxBytes = MAX_BYTES): string {
  const clean = name.replaceAll('\0', '').toWellFormed();
  return `${cutToBytes(clean, maxBytes - digits - 1)}_${hashOf(identity, digits)}`;
}

function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let cut = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}

function hashOf(text: string, digits: number): string {
  return createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, digits);
}
