import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LoadSettings } from '../../../src/singer/load-settings.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { columnsOf, loadLines, primaryKeyOf, recordMessage, schemaMessage } from './load-lines.ts';

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ivory-cut-'));
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

const ODD = 'tab\t "quote" back\\slash \\N \\u0041 ü 😀 简';
const person = { id: { type: 'integer' }, name: { type: 'string' }, doc: { type: ['null', 'object'] } };
const people = schemaMessage('people', person, ['id']);
const wider = schemaMessage(
  'people',
  { ...person, id: { type: ['integer', 'number'] }, extra: { type: 'string' } },
  ['id'],
);
const orders = schemaMessage(
  'orders',
  { a: { type: 'integer' }, b: { type: 'string' }, n: { type: 'number' } },
  ['a', 'b'],
);
const events = schemaMessage('events', { n: { type: 'integer' }, text: { type: 'string' } });

/** What a source has to say, step by step; a STATE is the number of the step that comes after it. */
const STEPS: object[] = Array.from({ length: 60 }, (_, n) => {
  if (n % 6 === 5) return { type: 'STATE', value: { next: n + 1 } };
  if (n % 4 === 0) return recordMessage('events', { n, text: `${ODD} ${n}` });
  if (n % 4 === 1) return recordMessage('orders', { a: n % 7, b: `b${n % 3}`, n: n / 8 });
  const extra = n > 30 ? { extra: `more ${n}` } : {};
  return recordMessage('people', {
    id: n % 17,
    name: `${ODD} ${n}`,
    doc: { deep: [n, ODD, { n: 2 ** 60 }] },
    ...extra,
  });
});

/** The source from a step on, as a tap would say it: the schemas first, one of them changed half way. */
function source(from: number): Buffer {
  const messages = STEPS.slice(from).flatMap((message, n) =>
    from + n === 30 ? [wider, message] : [message],
  );
  const heads = from > 30 ? [wider, orders, events] : [people, orders, events];
  return Buffer.from([...heads, ...messages].map((message) => `${JSON.stringify(message)}\n`).join(''));
}

const ALL = source(0);

/** Places spread over the whole, and those that hurt: inside an escape, inside a character, at and around the end of a line. */
function cuts(): number[] {
  const spread = Array.from({ length: 44 }, (_, n) => Math.floor(((n + 0.37) * ALL.length) / 44));
  const after = (what: string, offset: number) => ALL.indexOf(what, ALL.length / 3) + offset;
  const line = ALL.indexOf('\n', ALL.length / 2);
  const sore = [
    after('\\\\u0041', 1),
    after('\\\\u0041', 4),
    after('\\t', 1),
    after('😀', 2),
    after('ü', 1),
    after('\\"', 1),
  ];
  return [...spread, ...sore, line - 1, line, line + 1, ALL.length - 1];
}

async function contents(schema: string) {
  const { sql } = test.database;
  const all = { people: 'id, name, doc, extra', orders: 'a, b, n', events: 'n, text' };
  const tables = Object.entries(all).map(async ([table, columns]) => ({
    table,
    columns: await columnsOf(sql, table, schema),
    rows: await sql.unsafe(`select (${columns})::text as row from ${schema}.${table} order by 1`),
  }));
  return (await Promise.all(tables)).map(({ rows, ...more }) => ({
    ...more,
    rows: rows.map(({ row }) => row),
  }));
}

async function reference() {
  await test.database.sql`drop schema if exists whole cascade`;
  await loadLines(test.database.pool, [ALL].values(), { settings: { targetSchema: 'whole' } });
  return contents('whole');
}

const keyed = <Table extends { table: string }>(tables: Table[]) =>
  tables.filter(({ table }) => table !== 'events');
const eventsOf = <Table extends { table: string; rows: string[] }>(tables: Table[]) =>
  tables.find(({ table }) => table === 'events')?.rows ?? [];

/** Loads what came before the cut, and answers where the source goes on by the last state told. */
async function loadUntil(cut: number, settings: Partial<LoadSettings>): Promise<number> {
  let next = 0;
  const onState = (state: string) => {
    next = Number(JSON.parse(state).next);
  };
  await loadLines(test.database.pool, [ALL.subarray(0, cut)].values(), {
    settings,
    hooks: { onState },
  }).catch(() => {});
  return next;
}

it('input cut at any byte: from the last state told, or from the start, the tables become the same', async () => {
  const whole = await reference();
  const wholeEvents = eventsOf(whole);
  for (const [n, cut] of cuts().entries()) {
    await test.database.sql`drop schema if exists staging cascade`;
    const settings = { batchSizeRows: 1 + (n % 5) };
    const next = await loadUntil(cut, settings);
    const rest = n % 2 === 0 ? source(next) : ALL;
    await loadLines(test.database.pool, [rest].values(), { settings });
    const found = await contents('staging');
    expect({ cut, tables: keyed(found) }).toEqual({ cut, tables: keyed(whole) });
    // without a key: each row at least once
    expect([...new Set(eventsOf(found))]).toEqual(wholeEvents);
  }
  expect(await primaryKeyOf(test.database.sql, 'orders')).toEqual(['a', 'b']);
}, 120_000);

it('the same run tried again: rows without keys are there once, too', async () => {
  const whole = await reference();
  for (const [n, cut] of cuts().entries()) {
    if (n % 4 !== 0) continue;
    await test.database.sql`drop schema if exists staging cascade`;
    const settings = { batchSizeRows: 3, loadId: '7' };
    await loadUntil(cut, settings);
    await loadLines(test.database.pool, [ALL].values(), { settings });
    expect({ cut, rows: eventsOf(await contents('staging')) }).toEqual({ cut, rows: eventsOf(whole) });
  }
}, 120_000);

async function startTarget(schema: string) {
  const path = join(folder, `${schema}.json`);
  const config = {
    database_url: test.url,
    default_target_schema: schema,
    batch_size_rows: 3,
    flush_interval_s: 0.1,
  };
  await writeFile(path, JSON.stringify(config));
  const child = spawn(process.execPath, ['src/cli.ts', 'target', '--config', path], { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stderr.resume();
  return { child, outcome: Promise.all([text(child.stdout), once(child, 'close')]) };
}

it.each([0.15, 0.4, 0.65, 0.9])(
  'ivory target ended by SIGKILL with %d of its input: the next one goes on from the last state',
  async (part) => {
    const whole = await reference();
    const schema = `killed_${part * 100}`;
    const { child, outcome } = await startTarget(schema);
    child.stdin.write(ALL.subarray(0, Math.floor(ALL.length * part)));
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    child.kill('SIGKILL');
    const [told] = await outcome;
    // a line that was cut off is no state
    const states = told.split('\n').slice(0, -1);
    const next = Number(JSON.parse(states.at(-1) ?? '{"next":0}').next);
    expect(next).toBeGreaterThan(0);
    const again = await startTarget(schema);
    again.child.stdin.end(source(next));
    const [, [code]] = await again.outcome;
    expect(code).toBe(0);
    const found = await contents(schema);
    expect(keyed(found)).toEqual(keyed(whole));
    expect([...new Set(eventsOf(found))]).toEqual(eventsOf(whole));
  },
);
