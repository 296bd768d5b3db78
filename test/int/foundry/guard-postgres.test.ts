import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { guardPostgres } from '../../../src/foundry/guard/postgres/guard.ts';
import { readCorpus } from '../../fixtures/foundry/corpus.ts';
import { mutations } from '../../fixtures/foundry/mutations.ts';
import { TABLES, TENANT } from '../../fixtures/foundry/postgres/catalog.ts';
import { FRAGMENTS } from '../../fixtures/foundry/postgres/fragments.ts';
import { urlOfDatabase } from '../../harness/admin.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const MAX_ROWS = 1_000;
const QUERIES = readCorpus('postgres/queries.jsonl');

const SETUP = `
  create schema acme; create schema shared; create schema rival;
  create table acme.cars (id int, name text, mpg float8, cylinders int, displacement float8, horsepower int, weight int, acceleration float8, year date, origin text);
  create table acme.stocks (symbol text, date date, price numeric);
  create table acme.weather (date date, precipitation numeric, temp_max numeric, temp_min numeric, wind numeric, weather text);
  create table acme.countries (year int, country text, fertility float8, life_expect float8);
  create table acme.parts (id int, name text, parent int, size int);
  create table shared.penguins (tenant text, species text, island text, beak_length float8, beak_depth float8, flipper int, mass int, sex text);
  create table rival.cars (like acme.cars); insert into rival.cars (id, name) values (1, 'rival secret');
  create table public.secrets (token text); insert into public.secrets values ('public secret');
  alter table shared.penguins enable row level security;
`;

type Row = Record<string, unknown>;

function textOf(file: string): string {
  return readFileSync(new URL(`../../../node_modules/vega-datasets/data/${file}`, import.meta.url), 'utf8');
}

/** The rows of a file of vega-datasets without quotes in it, by the names of its first line. */
function csvRows(file: string): Row[] {
  const [head = '', ...lines] = textOf(file).trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])));
}

async function load(sql: postgres.Sql): Promise<void> {
  const insert = (table: string, columns: string, from: Row[] | string) =>
    sql.unsafe(
      `insert into ${table} select ${columns} from rows from (jsonb_array_elements($1::text::jsonb)) with ordinality as f(r, n)`,
      [typeof from === 'string' ? from : JSON.stringify(from)],
    );
  await insert(
    'acme.cars',
    `n, r->>'Name', (r->>'Miles_per_Gallon')::float8, (r->>'Cylinders')::int, (r->>'Displacement')::float8, (r->>'Horsepower')::int,
     (r->>'Weight_in_lbs')::int, (r->>'Acceleration')::float8, (r->>'Year')::date, r->>'Origin'`,
    textOf('cars.json'),
  );
  const price = `r->>'symbol', to_date(r->>'date', 'Mon DD YYYY'), (r->>'price')::numeric`;
  await insert('acme.stocks', price, csvRows('stocks.csv'));
  const day = `(r->>'date')::date, (r->>'precipitation')::numeric, (r->>'temp_max')::numeric, (r->>'temp_min')::numeric, (r->>'wind')::numeric, r->>'weather'`;
  await insert('acme.weather', day, csvRows('seattle-weather.csv'));
  const life = `(r->>'year')::int, r->>'country', (r->>'fertility')::float8, (r->>'life_expect')::float8`;
  await insert('acme.countries', life, textOf('countries.json'));
  const part = `(r->>'id')::int, r->>'name', (r->>'parent')::int, (r->>'size')::int`;
  await insert('acme.parts', part, textOf('flare.json'));
  await insert(
    'shared.penguins',
    `case when n % 3 = 0 then 'rival' else '${TENANT}' end, r->>'Species', r->>'Island', (r->>'Beak Length (mm)')::float8,
     (r->>'Beak Depth (mm)')::float8, (r->>'Flipper Length (mm)')::int, (r->>'Body Mass (g)')::int, r->>'Sex'`,
    textOf('penguins.json'),
  );
}

function connect(url: URL, searchPath: string): postgres.Sql {
  return postgres(url.href, {
    max: 1,
    onnotice: () => {},
    connection: { search_path: searchPath, statement_timeout: 20_000, TimeZone: 'UTC' },
  });
}

describe('what the guard of Postgres lets through, on a Postgres with real rows', () => {
  let source: TestDatabase;
  /** Sees everything, and finds no table by a bare name. */
  let all: postgres.Sql;
  /** Sees the tenant's tables and rows only, its schemas on its path: what the original query is asked as. */
  let tenant: postgres.Sql;

  beforeAll(async () => {
    source = await createTestDatabase();
    const { sql } = source.database;
    await sql.unsafe(SETUP);
    await load(sql);
    const role = `${new URL(source.url).pathname.slice(1)}_reader`;
    await sql.unsafe(`
      create role ${role} login password 'reader';
      create policy own on shared.penguins for select to ${role} using (tenant = '${TENANT}');
      grant usage on schema acme, shared to ${role};
      grant select on all tables in schema acme, shared to ${role}`);
    const url = new URL(urlOfDatabase(inject('adminUrl'), new URL(source.url).pathname.slice(1)));
    all = connect(url, '');
    const reader = new URL(url);
    reader.username = role;
    reader.password = 'reader';
    tenant = connect(reader, 'acme,shared');
  });

  afterAll(async () => {
    await tenant?.end();
    await source.database.sql.unsafe(`drop owned by ${new URL(source.url).pathname.slice(1)}_reader`);
    await all?.unsafe(`drop role ${new URL(source.url).pathname.slice(1)}_reader`);
    await all?.end();
    await source?.close();
  });

  const ask = (query: string) =>
    guardPostgres({ tenantId: TENANT, query, tables: TABLES, maxRows: MAX_ROWS });

  test.each(QUERIES)('means the same: $name', async ({ query }) => {
    const verdict = await ask(query);
    if (!verdict.allowed) throw new Error(verdict.reason);
    const asked = await tenant.unsafe(query);
    const answered = await all.unsafe(verdict.query);
    expect([...answered]).toEqual([...asked].slice(0, MAX_ROWS));
    expect(answered.columns.map(({ name, type }) => [name, type])).toEqual(
      asked.columns.map(({ name, type }) => [name, type]),
    );
    expect(verdict.limited || asked.length <= MAX_ROWS).toBe(true);
  });

  test('a condition of the query is not tried on rows of another tenant', async () => {
    const verdict = await ask("select * from penguins where species::bool and sex like 'F%'");
    if (!verdict.allowed) throw new Error(verdict.reason);
    const plan = await all.unsafe(`explain ${verdict.query}`);
    const lines = plan.map((row) => String(row['QUERY PLAN']).trim());
    expect(lines.filter((line) => line.startsWith('Filter:'))).toHaveLength(2);
    expect(lines.find((line) => line.includes('tenant'))).toBe(`Filter: (tenant = '${TENANT}'::text)`);
  });

  test('whatever attacks are put into a query: who sees all is answered as who sees the tenant’s only', async () => {
    /** What is denied is denied before the first row. A query that ran into the time limit shows nothing either way. */
    const outcomeOf = async (sql: postgres.Sql, query: string) => {
      try {
        const rows = await sql.unsafe(query);
        return { text: JSON.stringify(rows), rows: rows.length };
      } catch (error) {
        if (!(error instanceof postgres.PostgresError)) throw error;
        return error.code === '57014' ? undefined : { text: error.message, rows: 'none: it failed' };
      }
    };
    const queries = QUERIES.map(({ query }) => query);
    let answered = 0;
    const holds = fc.asyncProperty(mutations(queries, FRAGMENTS), async ({ query }) => {
      const verdict = await ask(query);
      if (!verdict.allowed) return;
      const [full, own] = [await outcomeOf(all, verdict.query), await outcomeOf(tenant, verdict.query)];
      if (full === undefined || own === undefined) return;
      if (typeof own.rows === 'number') answered += 1;
      expect(own.text, verdict.query).not.toMatch(/permission denied/);
      expect(full.text, verdict.query).not.toMatch(/(?:rival|public) secret/);
      expect(full.rows, verdict.query).toBe(own.rows);
    });
    await fc.assert(holds, { seed: 9, numRuns: 2_000, endOnFailure: true });
    expect(answered).toBeGreaterThan(20);
  }, 120_000);
});
