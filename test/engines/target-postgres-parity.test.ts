import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTargetPostgres } from '../../src/adapters/runner/meltano/loader.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { engines } from '../harness/engines.ts';

const FIXTURES = new URL('../fixtures/singer/', import.meta.url);

let test: TestDatabase;
let folder: string;
let targetPostgres: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ivory-parity-'));
  const { executable } = await ensureTargetPostgres(engines.plugins(), {
    log() {},
    signal: AbortSignal.timeout(200_000),
  });
  targetPostgres = executable;
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

interface Left {
  /** It said that all was well. */
  ok: boolean;
  tables: Record<string, { columns: string[]; key: string[]; rows: unknown[] }>;
}

async function run(
  file: string,
  args: string[],
  schema: string,
  inputs: string[],
  settings: object,
): Promise<Left> {
  await test.database.sql`drop schema if exists ${test.database.sql(schema)} cascade`;
  const config = join(folder, `${schema}.json`);
  const sqlalchemy_url = test.url.replace(/^postgres(ql)?:/, 'postgresql+psycopg:');
  await writeFile(config, JSON.stringify({ sqlalchemy_url, default_target_schema: schema, ...settings }));
  let ok = true;
  for (const input of inputs) ok = (await feed(file, [...args, '--config', config], input)) && ok;
  return { ok, tables: await tablesOf(schema) };
}

function feed(file: string, args: string[], input: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 120_000, maxBuffer: 64 * 1024 ** 2 }, (error) =>
      resolve(error === null),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

const VOLATILE = ['_sdc_received_at', '_sdc_batched_at', '_sdc_sequence', '_sdc_sync_started_at'];

async function tablesOf(schema: string): Promise<Left['tables']> {
  const { sql } = test.database;
  const tables = await sql<{ oid: number; name: string }[]>`
    select c.oid::int as oid, relname::text as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname = ${schema} and relkind = 'r' order by relname`;
  const entries = tables.map(async ({ oid, name }) => {
    const columns = await sql<{ text: string }[]>`
      select attname || ' ' || format_type(atttypid, atttypmod) as text from pg_attribute
      where attrelid = ${oid} and attnum > 0 and not attisdropped order by attnum`;
    const key = await sql<{ name: string }[]>`
      select a.attname::text as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = ${oid} and i.indisprimary order by a.attnum`;
    const rows = await sql.unsafe<{ row: string }[]>(
      `select (to_jsonb(t) - array[${VOLATILE.map((column) => `'${column}'`)}])::text as row from "${schema}"."${name}" t order by 1`,
    );
    const left = {
      columns: columns.map(({ text }) => text),
      key: key.map((each) => each.name),
      rows: rows.map(({ row }) => withoutMoment(JSON.parse(row))),
    };
    return [name, left] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Both mark a deletion with the time they have. */
function withoutMoment(row: Record<string, unknown>): Record<string, unknown> {
  return typeof row['_sdc_deleted_at'] === 'string' ? { ...row, _sdc_deleted_at: 'then' } : row;
}

/** What both leave of these inputs, loaded one after the other into nothing. */
async function both(inputs: string[], settings: object = {}) {
  const theirs = await run(targetPostgres, [], 'theirs', inputs, settings);
  const ours = await run(process.execPath, ['src/cli.ts', 'target'], 'ours', inputs, settings);
  return { ours, theirs };
}

interface Summary {
  ok: boolean;
  /** By table. */
  keys: Record<string, string[]>;
  rows: Record<string, number>;
}

/** Where we differ on purpose, and how far. What is not said here is the same. */
const INTENDED: Record<string, { why: string; theirs: Partial<Summary>; ours: Partial<Summary> }> = {
  array_data: {
    why: 'it cannot send a list of whole and other numbers ("cannot dump lists of mixed types"); ours stores it',
    theirs: { ok: false, rows: { parts: 0 } },
    ours: { ok: true, rows: { parts: 3 } },
  },
  encoded_string_data: {
    why: 'NUL, which no text of Postgres holds, fails its load; ours stores U+FFFD',
    theirs: { ok: false, rows: { texts: 0, objects: 0, lists: 0 } },
    ours: { ok: true, rows: { texts: 12, objects: 12, lists: 1 } },
  },
  pk_updates: {
    why: 'it merges by the new key and leaves the old primary key on the table; ours moves the primary key',
    theirs: { keys: { people: ['id'] } },
    ours: { keys: { people: ['email'] } },
  },
  'append-only': {
    why: 'it offers the setting of its SDK and does not heed it; ours does what the SDK says it means',
    theirs: { keys: { people: ['id'] }, rows: { people: 1 } },
    ours: { keys: { people: [] }, rows: { people: 2 } },
  },
  overwrite: {
    why: 'the same',
    theirs: { rows: { people: 2 } },
    ours: { rows: { people: 1 } },
  },
  'anyOf of a number and a text': {
    why: 'it takes the type of the first and fails at the values of the second; ours makes the column text, which holds both',
    theirs: { ok: false, rows: { either: 0 } },
    ours: { ok: true, rows: { either: 2 } },
  },
  'a second schema with another type': {
    why: 'it fails at a type it cannot merge; ours makes the column text, which holds both',
    theirs: { ok: false, rows: { people: 1 } },
    ours: { ok: true, rows: { people: 2 } },
  },
};

function summaryOf({ ok, tables }: Left): Summary {
  const of = <Value>(value: (table: Left['tables'][string]) => Value) =>
    Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, value(table)]));
  return { ok, keys: of(({ key }) => key), rows: of(({ rows }) => rows.length) };
}

const messages = (...all: object[]) => all.map((message) => `${JSON.stringify(message)}\n`).join('');
const schema = (stream: string, properties: object, keys: string[] = ['id']) => ({
  type: 'SCHEMA',
  stream,
  key_properties: keys,
  schema: { type: 'object', properties },
});
const record = (stream: string, fields: object, more: object = {}) => ({
  type: 'RECORD',
  stream,
  record: fields,
  ...more,
});
const id = { id: { type: 'integer' } };
const people = schema('people', { ...id, name: { type: ['null', 'string'] } });
const person = (n: number, name: string, more: object = {}) => record('people', { id: n, name }, more);

const TYPES: Record<string, [object, unknown]> = {
  text: [{ type: ['string', 'null'], maxLength: 10 }, 'short'],
  day: [{ type: 'string', format: 'date' }, '2024-02-29'],
  at: [{ type: 'string', format: 'date-time' }, '2024-05-06T07:08:09.123456+02:00'],
  clock: [{ type: 'string', format: 'time' }, '07:08:09'],
  uuid: [{ type: 'string', format: 'uuid' }, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  email: [{ type: 'string', format: 'email' }, 'a@b.c'],
  small: [{ type: 'integer', minimum: -32768, maximum: 32767 }, 7],
  middle: [{ type: 'integer', minimum: -2147483648, maximum: 2147483647 }, 7],
  big: [{ type: 'integer' }, 9007199254740991],
  price: [{ type: 'number' }, 1.25],
  flag: [{ type: ['boolean', 'null'] }, false],
  nested: [{ type: 'object', properties: { deep: { type: 'array' } } }, { deep: [1, { a: null }] }],
  list: [{ type: 'array', items: { type: 'string' } }, ['a', 'b,c']],
  objects: [{ type: 'array', items: { type: 'object' } }, [{ a: 1 }]],
  loose: [{ type: 'array' }, [1, 'x']],
  either: [{ anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] }, '2024-01-01T00:00:00Z'],
  mixed: [{ type: ['integer', 'string', 'null'] }, 'text'],
  one: [{ oneOf: [{ type: 'integer' }, { type: 'null' }] }, '5'],
  none: [{}, 'anything'],
  decimal: [{ type: 'string', format: 'x-singer.decimal', precision: 10, scale: 2 }, '12.50'],
  hinted: [{ type: 'integer', 'x-sql-datatype': 'smallint' }, 3],
};

const CASES: Record<string, { inputs: string[]; settings?: object }> = {
  'every type': {
    inputs: [
      messages(
        schema('types', {
          ...id,
          ...Object.fromEntries(Object.entries(TYPES).map(([name, [type]]) => [name, type])),
        }),
        record('types', {
          id: 1,
          ...Object.fromEntries(Object.entries(TYPES).map(([name, [, value]]) => [name, value])),
        }),
        record('types', { id: 2 }),
      ),
    ],
  },
  'a second load over the first': {
    inputs: [
      messages(people, person(1, 'a'), person(2, 'b')),
      messages(people, person(2, 'B'), person(3, 'c')),
    ],
  },
  'append-only': {
    inputs: [messages(people, person(1, 'a')), messages(people, person(1, 'A'))],
    settings: { load_method: 'append-only' },
  },
  overwrite: {
    inputs: [messages(people, person(1, 'a'), person(2, 'b')), messages(people, person(2, 'B'))],
    settings: { load_method: 'overwrite' },
  },
  'versions, deletions marked': {
    inputs: [
      messages(people, person(1, 'a', { version: 1 }), person(2, 'b', { version: 1 })),
      messages(people, person(2, 'B', { version: 2 }), {
        type: 'ACTIVATE_VERSION',
        stream: 'people',
        version: 2,
      }),
    ],
  },
  'versions, deletions done': {
    inputs: [
      messages(people, person(1, 'a', { version: 1 }), person(2, 'b', { version: 1 })),
      messages(people, person(2, 'B', { version: 2 }), {
        type: 'ACTIVATE_VERSION',
        stream: 'people',
        version: 2,
      }),
    ],
    settings: { hard_delete: true },
  },
  'no metadata': {
    inputs: [messages(people, person(1, 'a'))],
    settings: { add_record_metadata: false, activate_version: false },
  },
  'a record the schema refuses': { inputs: [messages(people, record('people', { id: 1, name: 5 }))] },
  'a record the schema refuses, not asked': {
    inputs: [messages(people, record('people', { id: 1, name: 5 }))],
    settings: { validate_records: false },
  },
  'a second schema with another type': {
    inputs: [
      messages(schema('people', { ...id, name: { type: 'integer' } }), record('people', { id: 1, name: 5 })),
      messages(people, person(2, 'b')),
    ],
  },
  'anyOf of a number and a text': {
    inputs: [
      messages(
        schema('either', { ...id, of: { anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
        record('either', { id: 1, of: 5 }),
        record('either', { id: 2, of: 'five' }),
      ),
    ],
  },
  'a time of extraction, a name with a schema': {
    inputs: [
      messages(
        { ...people, stream: 'public-people' },
        { ...person(1, 'a', { time_extracted: '2024-01-02T03:04:05.678901Z' }), stream: 'public-people' },
      ),
    ],
  },
};

describe.skipIf(!engines.hasPlugins())('what target-postgres leaves ivory target leaves', async () => {
  const names = (await readdir(FIXTURES)).map((name) => name.replace('.jsonl', ''));
  for (const name of names) {
    const input = await readFile(new URL(`${name}.jsonl`, FIXTURES), 'utf8');
    CASES[name] = { inputs: [input] };
  }

  it.each(Object.entries(CASES))('%s', async (name, { inputs, settings }) => {
    const { ours, theirs } = await both(inputs, settings);
    const { [name]: intended } = INTENDED;
    if (!intended) return expect(ours).toEqual(theirs);
    const [mine, other] = [summaryOf(ours), summaryOf(theirs)];
    expect(other, intended.why).toEqual({ ...other, ...intended.theirs });
    expect(mine, intended.why).toEqual({ ...other, ...intended.ours });
  });
});
