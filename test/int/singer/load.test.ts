import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import { LostLeaseError } from '../../../src/errors.ts';
import { loadSinger } from '../../../src/singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../src/singer/load-settings.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import {
  columnsOf,
  loadLines,
  primaryKeyOf,
  recordMessage as record,
  schemaMessage as schema,
} from './load-lines.ts';

const INTEGER = { type: 'integer' };
const NUMBER = { type: ['null', 'number'] };
const TEXT = { type: ['null', 'string'] };

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

async function values(statement: string): Promise<unknown[][]> {
  return [...(await sql.unsafe(statement).values())];
}

function lines(messages: object[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join('');
}

describe('values', () => {
  it('numbers arrive as they were written', async () => {
    const head = JSON.stringify(
      schema('n', { id: INTEGER, d: NUMBER, j: { type: 'object' }, t: TEXT }, ['id']),
    );
    const rows = [
      '{"type": "RECORD", "stream": "n", "record": {"id": 9007199254740993, "d": 0.10, "j": {"big": 12345678901234567890, "x": 1.50}, "t": "a: 1.10, b"}}',
      '{"type":"RECORD","stream":"n","record":{"id":9223372036854775807,"d":123456789012345678901234567890.123456789,"j":{"e":1e400}}}',
      '{"type":"RECORD","stream":"n","record":{"id":-5.0,"d":1e3,"j":{}}}',
    ];
    await loadLines(pool, [head, ...rows].join('\n'));
    expect(await values('select id::text, d::text, j::text, t from staging.n order by id')).toEqual([
      ['-5', '1000', '{}', null],
      ['9007199254740993', '0.10', '{"x": 1.50, "big": 12345678901234567890}', 'a: 1.10, b'],
      ['9223372036854775807', '123456789012345678901234567890.123456789', `{"e": 1${'0'.repeat(400)}}`, null],
    ]);
  });

  it('an integer beyond bigint widens its column to numeric', async () => {
    const head = JSON.stringify(schema('n', { id: INTEGER }, ['id']));
    const rows = ['1', '123456789012345678901234567890', '3'].map(
      (id) => `{"type":"RECORD","stream":"n","record":{"id":${id}}}`,
    );
    const result = await loadLines(pool, [head, ...rows].join('\n'));
    expect(result.rows).toBe(3);
    expect(await columnsOf(sql, 'n')).toMatchObject({ id: 'numeric' });
    expect(await values('select id::text from staging.n order by n.id')).toEqual([
      ['1'],
      ['3'],
      ['123456789012345678901234567890'],
    ]);
  });

  it('characters that mean something to COPY, to JSON or to our own marks survive; lone surrogates become U+FFFD', async () => {
    const texts = [
      'tab\there',
      'line\nbreak\r',
      '\\N',
      '\\',
      'a\\tb',
      '\\.',
      '\u0080123.0',
      '\u0080s',
      ',"\u0080s"',
      '{"a":"b"}',
      '',
    ];
    const messages = [schema('t', { id: INTEGER, t: TEXT, j: { type: 'object' } }, ['id'])];
    for (const [id, t] of texts.entries()) messages.push(record('t', { id, t, j: { t } }));
    messages.push(record('t', { id: 99, t: 'lone \ud800 half', j: { t: 'lone \udc00 half' } }));
    await loadLines(pool, messages);
    const stored = await values(`select t, j->>'t' from staging.t order by id`);
    expect(stored).toEqual([...texts.map((t) => [t, t]), ['lone \ufffd half', 'lone \ufffd half']]);
  });

  it('fields named like object members or system columns, long ones and colliding ones are columns of their own', async () => {
    const long = 'x'.repeat(70);
    const fields = [
      'constructor',
      '__proto__',
      'xmin',
      `${long}a`,
      `${long}b`,
      'é'.repeat(40),
      'Id',
      'id',
      '',
    ];
    const properties = JSON.stringify(
      Object.fromEntries(fields.map((f) => [f === '__proto__' ? 'PROTO' : f, TEXT])),
    ).replace('PROTO', '__proto__');
    const row = fields.map((field, index) => `${JSON.stringify(field)}:"v${index}"`).join(',');
    const text = `{"type":"SCHEMA","stream":"odd","key_properties":[],"schema":{"properties":${properties}}}
{"type":"RECORD","stream":"odd","record":{${row}}}
{"type":"RECORD","stream":"odd","record":{}}`;
    await loadLines(pool, text, { settings: { addRecordMetadata: false, activateVersion: false } });
    const names = Object.keys(await columnsOf(sql, 'odd'));
    expect(new Set(names).size).toBe(fields.length);
    expect(names.every((name) => Buffer.byteLength(name) <= 63)).toBe(true);
    const [first, second] = await values('select * from staging.odd order by "Id" nulls last');
    expect([...(first ?? [])].sort()).toEqual(fields.map((_field, index) => `v${index}`));
    expect(second?.every((value) => value === null)).toBe(true);
  });

  it('an empty first text, a table without fields of its own, with and without metadata and load id', async () => {
    const metadata = { addRecordMetadata: true, activateVersion: true };
    const bare = { addRecordMetadata: false, activateVersion: false };
    for (const settings of [metadata, bare, { ...metadata, loadId: '4' }, { ...bare, loadId: '5' }]) {
      await sql`drop schema if exists staging cascade`;
      const messages = [
        schema('e', { a: TEXT, b: TEXT, c: TEXT }),
        record('e', { a: '', b: 'x', c: '' }),
        record('e', {}),
      ];
      await loadLines(pool, messages, { settings });
      expect(await values('select a, b, c from staging.e order by b nulls last')).toEqual([
        ['', 'x', ''],
        [null, null, null],
      ]);
      if (settings === bare) continue;
      await loadLines(pool, [schema('none', {}), record('none', {})], { settings });
      expect(await values('select count(*)::int from staging.none')).toEqual([[1]]);
    }
  });

  it('a value Postgres refuses fails the load, naming stream, line and column, and none of its batch stays', async () => {
    const day = { type: 'string', format: 'date-time' };
    const messages = [
      schema('d', { id: INTEGER, at: day }, ['id']),
      record('d', { id: 1, at: '2024-01-01T00:00:00Z' }),
      record('d', { id: 2, at: '2024-99-01T00:00:00Z' }),
    ];
    await expect(loadLines(pool, messages)).rejects.toMatchObject({
      code: 'singer.value_refused',
      message: expect.stringMatching(/^Line 3 of stream "d": at: /),
    });
    expect(await values('select * from staging.d')).toEqual([]);
  });

  it('with a taker for rejected records the good ones are stored and each bad one is told once', async () => {
    const day = { type: 'string', format: 'date-time' };
    const rejected: string[] = [];
    const messages = [
      schema('d', { id: INTEGER, at: day }, ['id']),
      record('d', { id: 1, at: '2024-01-01T00:00:00Z' }),
      record('d', { id: 2, at: '2024-99-01T00:00:00Z' }),
      record('d', { id: 'three', at: '2024-01-01T00:00:00Z' }),
      record('d', { at: '2024-01-01T00:00:00Z' }),
      record('d', { id: 5, at: 'now' }),
      record('d', { id: 6, at: '2024-01-06T00:00:00Z' }),
    ];
    const result = await loadLines(pool, messages, {
      hooks: { onRejected: ({ line, code }) => void rejected.push(`${line} ${code}`) },
    });
    expect(rejected.sort()).toEqual([
      '3 singer.value_refused',
      '4 singer.record_invalid',
      '5 singer.record_missing_key',
      '6 singer.value_refused',
    ]);
    expect(result).toMatchObject({ rows: 2, rejected: 4 });
    expect(await values('select id::int from staging.d order by id')).toEqual([[1], [6]]);
  });
});

describe('schemas', () => {
  it('a wider type widens the column, a conflicting one makes it text', async () => {
    await loadLines(pool, [
      schema('w', { id: INTEGER, n: INTEGER, c: { type: 'boolean' }, l: { type: 'array', items: TEXT } }, [
        'id',
      ]),
      record('w', { id: 1, n: 7, c: true, l: ['a', 'b'] }),
      schema('w', { id: INTEGER, n: NUMBER, c: { type: 'string', format: 'date-time' }, l: INTEGER }, ['id']),
      record('w', { id: 2, n: 1.25, c: 'later', l: 4 }),
    ]);
    expect(await columnsOf(sql, 'w')).toMatchObject({ n: 'numeric', c: 'text', l: 'text' });
    expect(await values('select n::text, c, l from staging.w order by id')).toEqual([
      ['7', 'true', '["a", "b"]'],
      ['1.25', 'later', '4'],
    ]);
  });

  it('a new key that rows already there contradict is an error, not a loss', async () => {
    const properties = { id: INTEGER, group: TEXT };
    await loadLines(pool, [
      schema('k', properties, ['id']),
      record('k', { id: 1, group: 'a' }),
      record('k', { id: 2, group: 'a' }),
    ]);
    await expect(loadLines(pool, [schema('k', properties, ['group'])])).rejects.toMatchObject({
      code: 'singer.key_conflict',
    });
    expect(await primaryKeyOf(sql, 'k')).toEqual(['id']);
    expect(await values('select count(*)::int from staging.k')).toEqual([[2]]);
  });

  it('two streams with one table name get two tables, the same ones every time', async () => {
    const messages = ['a-users', 'b-users'].flatMap((stream) => [
      schema(stream, { id: INTEGER }, ['id']),
      record(stream, { id: 1 }),
    ]);
    await loadLines(pool, messages);
    await loadLines(pool, messages);
    const tables = await values(
      `select relname, obj_description(oid) from pg_class where relnamespace = 'staging'::regnamespace and relkind = 'r' order by 2`,
    );
    expect(tables).toEqual([
      ['users', 'Singer stream a-users'],
      [expect.stringMatching(/^users_[0-9a-f]{16}$/), 'Singer stream b-users'],
    ]);
  });

  it('several loads that create the same tables at once all succeed', async () => {
    const messages = [
      schema('race', { id: INTEGER }, ['id']),
      record('race', { id: 1 }),
      record('race', { id: 2 }),
    ];
    const results = await Promise.all([1, 2, 3, 4].map(() => loadLines(pool, messages)));
    expect(results.map(({ rows }) => rows)).toEqual([2, 2, 2, 2]);
    expect(await values('select count(*)::int from staging.race')).toEqual([[2]]);
  });
});

describe('durability', () => {
  const people = (ids: number[], from = 'x') => ids.map((id) => record('p', { id, from }));
  const head = schema('p', { id: INTEGER, from: TEXT }, ['id']);

  it('killed at any byte and rerun gives the same keyed table', async () => {
    const text = lines([
      head,
      ...people([1, 2, 3]),
      { type: 'STATE', value: { p: 3 } },
      ...people([2, 4], 'y'),
      { type: 'STATE', value: { p: 4 } },
    ]);
    const all = Buffer.from(text);
    for (let cut = 1; cut < all.length; cut += 61) {
      await sql`drop schema if exists staging cascade`;
      await loadLines(pool, [all.subarray(0, cut)].values(), { settings: { batchSizeRows: 2 } }).catch(
        () => {},
      );
      await loadLines(pool, text, { settings: { batchSizeRows: 2 } });
      expect(await values('select id::int, "from" from staging.p order by id')).toEqual([
        [1, 'x'],
        [2, 'y'],
        [3, 'x'],
        [4, 'y'],
      ]);
    }
  });

  it('a state is told only when another connection sees every row before it', async () => {
    const seen: Promise<unknown>[] = [];
    const messages = [head];
    for (let id = 1; id <= 30; id += 1) messages.push(...people([id]), { type: 'STATE', value: { id } });
    const onState = (state: string) => {
      const { id } = JSON.parse(state) as { id: number };
      seen.push(
        values('select count(*)::int from staging.p').then((counts) =>
          expect(counts[0]?.[0]).toBeGreaterThanOrEqual(id),
        ),
      );
    };
    await loadLines(pool, messages, { settings: { batchSizeRows: 4 }, hooks: { onState } });
    await Promise.all(seen);
    expect(seen.length).toBeGreaterThan(5);
  });

  it('streams named like object members are counted like any other', async () => {
    const names = ['__proto__', 'constructor'];
    const messages = names.flatMap((name) => [
      schema(name, { id: INTEGER }, ['id']),
      record(name, { id: 1 }),
      record(name, { id: 2 }),
    ]);
    const progress: string[] = [];
    const onProgress = (stats: object) => void progress.push(JSON.stringify(Object.keys(stats)));
    const { streams } = await loadLines(pool, messages, { hooks: { onProgress } });
    expect(Object.entries(streams)).toMatchObject([
      ['__proto__', { rows: 2 }],
      ['constructor', { rows: 2 }],
    ]);
    expect(progress.at(-1)).toBe('["__proto__","constructor"]');
  });

  it('a state keeps its numbers', async () => {
    const result = await loadLines(
      pool,
      '{"type": "STATE", "value": {"lsn": 12345678901234567890, "at": 1.10}}\n',
    );
    expect(result.state).toBe('{"lsn":12345678901234567890,"at":1.10}');
  });

  it('interleaved streams keep their rows apart and are counted apart', async () => {
    const messages = [schema('a', { id: INTEGER }, ['id']), schema('b', { id: INTEGER }, ['id'])];
    for (let id = 0; id < 500; id += 1) messages.push(record(id % 3 ? 'a' : 'b', { id }));
    const result = await loadLines(pool, messages, { settings: { batchSizeRows: 40 } });
    expect(result.streams).toMatchObject({ a: { rows: 333 }, b: { rows: 167 } });
    expect(
      await values('select (select count(*)::int from staging.a), (select count(*)::int from staging.b)'),
    ).toEqual([[333, 167]]);
  });

  it('a guard that throws leaves nothing of its transaction and ends the load', async () => {
    let calls = 0;
    const guardCommit = async () => {
      calls += 1;
      if (calls > 1) throw new LostLeaseError('r1');
    };
    const states: string[] = [];
    const hooks = { guardCommit, onState: (state: string) => void states.push(state) };
    await expect(
      loadLines(pool, [head, ...people([1]), { type: 'STATE', value: 1 }], { hooks }),
    ).rejects.toBeInstanceOf(LostLeaseError);
    expect(await values('select * from staging.p')).toEqual([]);
    expect(states).toEqual([]);
  });

  it('an abort while the tap is silent ends the load at once, and the connection is usable again', async () => {
    const source = new PassThrough();
    const controller = new AbortController();
    source.write(lines([head, ...people([1])]));
    const loading = loadSinger({
      source,
      pool,
      settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: 'staging' },
      signal: controller.signal,
    });
    controller.abort(new Error('cancelled by a person'));
    await expect(loading).rejects.toThrow('cancelled by a person');
    expect(await values('select 1')).toEqual([[1]]);
  });

  it('rows of a slow tap become durable without waiting for the batch to fill', async () => {
    const source = new PassThrough();
    const told = Promise.withResolvers<string>();
    const settings = { ...DEFAULT_LOAD_SETTINGS, targetSchema: 'staging', flushIntervalMs: 20 };
    const loading = loadSinger({ source, pool, settings, hooks: { onState: told.resolve } });
    source.write(lines([head, ...people([1]), { type: 'STATE', value: { id: 1 } }]));
    expect(await told.promise).toBe('{"id":1}');
    expect(await values('select count(*)::int from staging.p')).toEqual([[1]]);
    source.end();
    await loading;
  });
});

describe('load id, versions, methods', () => {
  it('a retry under the same load id does not duplicate rows without keys; another id adds', async () => {
    const messages = [schema('e', { v: INTEGER }), record('e', { v: 1 }), record('e', { v: 1 })];
    for (const loadId of ['7', '7', '8']) await loadLines(pool, messages, { settings: { loadId } });
    expect(
      await values('select _ivory_load_id::int, count(*)::int from staging.e group by 1 order by 1'),
    ).toEqual([
      [7, 2],
      [8, 2],
    ]);
  });

  it('every row touched carries the load id, also one marked as deleted', async () => {
    const at = (version: number, id: number) => record('v', { id }, { version });
    const head = schema('v', { id: INTEGER }, ['id']);
    await loadLines(pool, [head, at(1, 1), at(1, 2)], { settings: { loadId: '1' } });
    await loadLines(pool, [head, at(2, 2), { type: 'ACTIVATE_VERSION', stream: 'v', version: 2 }], {
      settings: { loadId: '2' },
    });
    expect(
      await values(
        'select id::int, _ivory_load_id::int, _sdc_deleted_at is not null from staging.v order by id',
      ),
    ).toEqual([
      [1, 2, true],
      [2, 2, false],
    ]);
  });

  it('hard_delete removes the rows of older versions; a row that comes back is no longer deleted', async () => {
    const head = schema('v', { id: INTEGER }, ['id']);
    const activate = (version: number) => ({ type: 'ACTIVATE_VERSION', stream: 'v', version });
    await loadLines(pool, [head, record('v', { id: 1 }, { version: 1 }), activate(2)]);
    await loadLines(pool, [
      head,
      record('v', { id: 1 }, { version: 3 }),
      record('v', { id: 2 }, { version: 2 }),
    ]);
    expect(await values('select count(*)::int from staging.v where _sdc_deleted_at is null')).toEqual([[2]]);
    await loadLines(pool, [head, activate(3)], { settings: { hardDelete: true } });
    expect(await values('select id::int from staging.v')).toEqual([[1]]);
  });

  it('a property of anyOf takes whatever its members allow, also in a table that knew one of them only', async () => {
    const anyOf = [INTEGER, { type: 'string', format: 'date-time' }, { type: 'string' }];
    const at = { type: 'string', format: 'date-time' };
    await loadLines(pool, [
      schema('mixed', { of: INTEGER, at }),
      record('mixed', { of: 5, at: '2024-01-01T00:00:00Z' }),
    ]);
    await loadLines(pool, [
      schema('mixed', { of: { anyOf }, at: { anyOf: [at, { type: 'null' }] } }),
      record('mixed', { of: 'five', at: '2024-01-01 00:00:00 -0500' }),
      record('mixed', { of: 6, at: null }),
    ]);
    expect(await sql`select "of", at::text from staging.mixed order by "of"`).toEqual([
      { of: '5', at: '2024-01-01 00:00:00' },
      { of: '6', at: null },
      { of: 'five', at: '2024-01-01 05:00:00' },
    ]);
  });

  it('append-only keeps every record, overwrite only those of this load, also when there are none', async () => {
    const messages = [schema('m', { id: INTEGER }, ['id']), record('m', { id: 1 })];
    const settings = (loadMethod: 'append-only' | 'overwrite') => ({ settings: { loadMethod } });
    await loadLines(pool, messages, settings('append-only'));
    await loadLines(pool, messages, settings('append-only'));
    expect(await values('select id::int from staging.m')).toEqual([[1], [1]]);
    await sql`drop table staging.m`;
    await loadLines(pool, [...messages, record('m', { id: 2 })]);
    await loadLines(pool, messages, settings('overwrite'));
    expect(await values('select id::int from staging.m')).toEqual([[1]]);
    await loadLines(pool, messages.slice(0, 1), settings('overwrite'));
    expect(await values('select id::int from staging.m')).toEqual([]);
  });
});
