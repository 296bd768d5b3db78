import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Pool, Sql } from '../../../src/db/client.ts';
import { type LoadHooks, type LoadResult, loadSinger } from '../../../src/singer/load.ts';
import { DEFAULT_LOAD_SETTINGS, type LoadSettings } from '../../../src/singer/load-settings.ts';

export function fixture(name: string): Promise<string> {
  return readFile(new URL(`../../fixtures/singer/${name}.jsonl`, import.meta.url), 'utf8');
}

export interface LoadOptions {
  settings?: Partial<LoadSettings>;
  hooks?: LoadHooks;
  signal?: AbortSignal;
}

/** Loads text, messages or byte pieces into the schema "staging". */
export function loadLines(
  pool: Pool,
  input: string | object[] | Iterable<Buffer> | AsyncIterable<Buffer>,
  options: LoadOptions = {},
): Promise<LoadResult> {
  return loadSinger({
    source: sourceOf(input),
    pool,
    settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: 'staging', ...options.settings },
    ...(options.hooks && { hooks: options.hooks }),
    ...(options.signal && { signal: options.signal }),
  });
}

function sourceOf(input: string | object[] | Iterable<Buffer> | AsyncIterable<Buffer>): Readable {
  if (typeof input === 'string') return Readable.from([Buffer.from(input)]);
  if (!Array.isArray(input)) return Readable.from(input);
  return Readable.from([Buffer.from(input.map((message) => `${JSON.stringify(message)}\n`).join(''))]);
}

export function schemaMessage(
  stream: string,
  properties: Record<string, object>,
  keys: string[] = [],
  more: object = {},
): object {
  return { type: 'SCHEMA', stream, key_properties: keys, schema: { type: 'object', properties, ...more } };
}

export function recordMessage(stream: string, record: object, more: object = {}): object {
  return { type: 'RECORD', stream, record, ...more };
}

/** Column types, in order, as format_type prints them. */
export async function columnsOf(
  sql: Sql,
  table: string,
  schema = 'staging',
): Promise<Record<string, string>> {
  const rows = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = (select c.oid from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = ${schema} and relname = ${table})
      and attnum > 0 and not attisdropped order by attnum`;
  return Object.fromEntries(rows.map(({ name, type }) => [name, type]));
}

export async function primaryKeyOf(sql: Sql, table: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select a.attname as name from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
    where k.contype = 'p' and k.conrelid = ${`staging."${table}"`}::regclass order by a.attnum`;
  return rows.map(({ name }) => name);
}
