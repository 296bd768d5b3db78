import { z } from 'zod';
import type { Pool } from '../../../db/client.ts';
import type { DiscoveredStream } from '../../../domain/connector-task.ts';
import {
  FIVETRAN_DELETED,
  FIVETRAN_ID,
  FIVETRAN_LOGS,
  FIVETRAN_SYNCED,
} from '../../../domain/fivetran-staging.ts';
import { AppError, InvalidError } from '../../../errors.ts';
import type { ProbeHooks, TapSpec } from '../../../ports/runner.ts';
import type { FivetranClient } from './client.ts';

export interface Discovery {
  client: FivetranClient;
  pool: Pool;
  spec: TapSpec;
  hooks: ProbeHooks;
  signal: AbortSignal;
}

/**
 * The tables of the connection's schema config that are synced, under their names in the destination. Fivetran tells no types: those of
 * tables that are staged already come from there, others are text. Where there is no config yet, or it is refused, the staged tables alone.
 * Throws InvalidError `fivetran.schema_unknown` when neither knows a table; what the client throws of the key and the connection.
 */
export async function discoverStreams({
  client,
  pool,
  spec,
  hooks,
  signal,
}: Discovery): Promise<DiscoveredStream[]> {
  const staged = await stagedStreams(pool, spec.stagingSchema ?? '');
  const configured = await configuredStreams(client, hooks, signal);
  const byName = new Map([...configured, ...staged].map((stream) => [stream.stream, stream]));
  if (byName.size > 0) return [...byName.values()].sort((a, b) => (a.stream < b.stream ? -1 : 1));
  throw new InvalidError(
    'fivetran.schema_unknown',
    'Fivetran has no schema of this connection yet; it has after the first sync.',
  );
}

async function configuredStreams(
  client: FivetranClient,
  hooks: ProbeHooks,
  signal: AbortSignal,
): Promise<DiscoveredStream[]> {
  await client.connection(signal);
  try {
    return streamsOf(await client.schemas(signal));
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient' || error.code === 'fivetran.auth_error')
      throw error;
    hooks.log(`fivetran: no schema config (${error.code}); the staged tables are all that is known`);
    return [];
  }
}

const Enabled = z.boolean().catch(true);
const Column = z.object({
  name_in_destination: z.string(),
  enabled: Enabled,
  is_primary_key: z.boolean().catch(false),
});
const Table = z.object({
  name_in_destination: z.string(),
  enabled: Enabled,
  columns: z.record(z.string(), Column).nullish().catch(null),
});
const SchemaConfig = z.object({
  data: z.object({
    schemas: z
      .record(z.string(), z.object({ enabled: Enabled, tables: z.record(z.string(), Table).nullish() }))
      .nullish(),
  }),
});

function streamsOf(json: unknown): DiscoveredStream[] {
  const parsed = SchemaConfig.safeParse(json);
  if (!parsed.success)
    throw new InvalidError(
      'fivetran.answer_invalid',
      'Fivetran answered without the schemas of the connection.',
    );
  return Object.values(parsed.data.data.schemas ?? {})
    .filter(({ enabled }) => enabled)
    .flatMap(({ tables }) => Object.values(tables ?? {}))
    .filter(({ enabled }) => enabled)
    .map(({ name_in_destination: stream, columns }) => {
      const synced = Object.values(columns ?? {}).filter(({ enabled }) => enabled);
      return {
        stream,
        keyProperties: synced
          .filter((column) => column.is_primary_key)
          .map((column) => column.name_in_destination),
        replicationKey: FIVETRAN_SYNCED,
        fields: Object.fromEntries(synced.map((column) => [column.name_in_destination, 'string'])),
      };
    });
}

interface StagedColumn {
  table: string;
  name: string;
  type: string;
  isKey: boolean;
}

async function stagedStreams(pool: Pool, schema: string): Promise<DiscoveredStream[]> {
  const { rows } = await pool.query<StagedColumn>(
    `select c.relname::text as table, a.attname::text as name, format_type(a.atttypid, null) as type,
       coalesce(a.attnum = any(i.indkey::int2[]), false) as "isKey"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_index i on i.indrelid = c.oid and i.indisprimary
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all($3::text[])
       and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = $2 and not s.attisdropped)
     order by c.relname, a.attnum`,
    [schema, FIVETRAN_SYNCED, [...FIVETRAN_LOGS]],
  );
  return [...Map.groupBy(rows, ({ table }) => table)].map(([stream, columns]) => ({
    stream,
    keyProperties: keyOf(columns),
    replicationKey: FIVETRAN_SYNCED,
    fields: Object.fromEntries(columns.filter(isField).map(({ name, type }) => [name, wordFor(type)])),
  }));
}

function keyOf(columns: readonly StagedColumn[]): string[] {
  const declared = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  if (declared.length > 0) return declared;
  return columns.filter(({ name }) => name === FIVETRAN_ID).map(({ name }) => name);
}

function isField({ name }: StagedColumn): boolean {
  return name !== FIVETRAN_SYNCED && name !== FIVETRAN_DELETED && !name.startsWith('_ivory_');
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  real: 'number',
  'double precision': 'number',
  numeric: 'number',
  date: 'date',
  'timestamp with time zone': 'date-time',
  'timestamp without time zone': 'date-time',
  json: 'object',
  jsonb: 'object',
};

/** The word a Singer catalog would have for it. */
function wordFor(type: string): string {
  return WORDS[type] ?? 'string';
}
