import { expect, test } from 'vitest';
import { changeAt, changesBetween, contentAt, isBad } from '../../../scripts/chaos/model.ts';

const LOG = { name: 'events', kind: 'log', keys: 0, deletes: false } as const;
const TABLE = { name: 'deals', kind: 'table', keys: 50, deletes: true } as const;
const source = { owner: 'acme', seed: 3, streams: [LOG, TABLE] };

test('a log at a version holds that many rows, each once', () => {
  expect([...contentAt(source, LOG, 400).keys()]).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
});

test('a table holds the last change of each key, and no key whose last change deleted it', () => {
  const last = new Map(
    [...changesBetween(source, TABLE, { from: 0, to: 400 })].map((change) => [change.row.id, change]),
  );
  const alive = [...last.values()].filter(({ deleted }) => !deleted).map(({ row }) => row);
  expect([...contentAt(source, TABLE, 400).values()].sort((a, b) => a.id - b.id)).toEqual(
    alive.sort((a, b) => a.id - b.id),
  );
  expect(alive.length).toBeLessThan(last.size);
});

test('read in parts or at once, a source tells the same changes', () => {
  const parts = [0, 130, 131].flatMap((from, at) => [
    ...changesBetween(source, TABLE, { from, to: [130, 131, 300][at] ?? 0 }),
  ]);
  expect(parts).toEqual([...changesBetween(source, TABLE, { from: 0, to: 300 })]);
});

test('a key is always good or always bad, and a bad one is never deleted', () => {
  const changes = Array.from({ length: 2_000 }, (_, at) => changeAt(source, TABLE, at + 1));
  for (const [, own] of Map.groupBy(changes, ({ row }) => row.id))
    expect(new Set(own.map(({ row }) => isBad(row))).size).toBe(1);
  expect(changes.filter(({ row, deleted }) => isBad(row) && deleted)).toEqual([]);
  expect(changes.some(({ row }) => isBad(row))).toBe(true);
});

test('two tenants with the same source have different rows', () => {
  const other = { ...source, owner: 'globex', seed: 4 };
  expect(contentAt(other, LOG, 50)).not.toEqual(contentAt(source, LOG, 50));
});
