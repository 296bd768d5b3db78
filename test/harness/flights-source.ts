import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PINNED_PLUGINS } from '../../scripts/engines/pinned-plugins.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

const FILE = fileURLToPath(
  new URL('../../node_modules/vega-datasets/data/flights-200k.json', import.meta.url),
);

/** Rows of `public.flights`. The nth was changed n seconds after the first minute of 2026. */
export const FLIGHTS = 200_000;

/** The version of tap-postgres the tests were written against. */
export const TAP_POSTGRES = PINNED_PLUGINS.find(({ name }) => name === 'tap-postgres')?.version ?? null;

/** A Postgres with 200,000 real flights to be read by taps. */
export interface FlightsSource extends TestDatabase {
  /** The config of a connector to it; incremental by `updated_at`. */
  config: Record<string, unknown>;
}

export async function createFlightsSource(): Promise<FlightsSource> {
  const source = await createTestDatabase();
  const { sql } = source.database;
  await sql`create table flights (id integer primary key, delay integer, distance integer, time double precision,
    updated_at timestamptz not null)`;
  await sql`insert into flights
    select at, delay, distance, time, '2026-01-01T00:00:00Z'::timestamptz + at * interval '1 second'
    from rows from (jsonb_to_recordset(${await readFile(FILE, 'utf8')}::text::jsonb)
      as (delay integer, distance integer, time double precision)) with ordinality as f(delay, distance, time, at)`;
  const { hostname, port, username, password, pathname } = new URL(source.url);
  return {
    ...source,
    config: {
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: pathname.slice(1),
      filter_schemas: ['public'],
      _select: ['public-flights.*'],
      _metadata: {
        'public-flights': { 'replication-method': 'INCREMENTAL', 'replication-key': 'updated_at' },
      },
    },
  };
}
