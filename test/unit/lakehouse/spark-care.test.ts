import { describe, expect, test } from 'vitest';
import { careLimits } from '../../../src/adapters/lakehouse/spark/care/care-limits.ts';
import { planCare } from '../../../src/adapters/lakehouse/spark/care/care-plan.ts';
import {
  type TableHealth,
  timestampLiteral,
} from '../../../src/adapters/lakehouse/spark/care/table-health.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-03-28T12:00:00.500Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

const FINE: TableHealth = {
  ...{ dataFiles: 40, smallFiles: 19, dataRows: 1_000, deleteFiles: 9, deletedRows: 299 },
  ...{ manifests: 49, manifestBytes: 49_000, snapshots: 300, oldSnapshots: 0, oldStranded: 0 },
};
const NEEDS = { keepLast: 100, removesFiles: true, seeksOrphans: false };
const MANIFEST = 2 * 1024 * 1024;

describe('what is worth doing for a table', () => {
  test.each<[string, Partial<TableHealth>, string[]]>([
    ['one that is fine: nothing', {}, []],
    [
      'an empty one: nothing',
      { dataFiles: 0, smallFiles: 0, dataRows: 0, deleteFiles: 0, deletedRows: 0 },
      [],
    ],
    ['many small files', { smallFiles: 20 }, ['compact']],
    ['many delete files', { deleteFiles: 10 }, ['compact-deletes']],
    ['a third of it deleted', { deletedRows: 300 }, ['compact', 'compact-deletes']],
    ['many small manifests', { manifests: 50, manifestBytes: 50 * MANIFEST - 1 }, ['rewrite-manifests']],
    ['many manifests of a good size', { manifests: 50, manifestBytes: 50 * MANIFEST }, []],
    ['old snapshots, more than stay', { oldSnapshots: 1 }, ['expire']],
    ['old snapshots among the last', { oldSnapshots: 50, snapshots: 100 }, []],
    ['a staged one that nobody published', { oldStranded: 1, snapshots: 1 }, ['expire']],
  ])('%s', (_, change, steps) => {
    expect(planCare({ ...FINE, ...change }, NEEDS).steps).toEqual(steps);
  });

  test('where no file may be removed, none is', () => {
    const worst = { ...FINE, smallFiles: 99, oldSnapshots: 99, oldStranded: 9 };
    expect(planCare(worst, { ...NEEDS, removesFiles: false }).steps).toEqual(['compact']);
  });
});

describe('how far care may go', () => {
  const limits = (properties: Record<string, string>, asked = { keepAfter: daysAgo(14), keepLast: 100 }) =>
    careLimits(new Map(Object.entries(properties)), asked, NOW);

  test('never forgets what is younger than fourteen days or among the last hundred', () => {
    expect(limits({}, { keepAfter: NOW, keepLast: 1 })).toMatchObject({
      expireBefore: daysAgo(14),
      keepLast: 100,
    });
    expect(limits({}, { keepAfter: daysAgo(30), keepLast: 500 })).toMatchObject({
      expireBefore: daysAgo(30),
      keepLast: 500,
    });
  });

  test('keeps more where the table says so, and not fewer', () => {
    const kept = (days: number, last: number) => ({
      'history.expire.max-snapshot-age-ms': String(days * DAY_MS),
      'history.expire.min-snapshots-to-keep': String(last),
    });
    expect(limits(kept(60, 700))).toMatchObject({ expireBefore: daysAgo(60), keepLast: 700 });
    expect(limits(kept(1, 1))).toMatchObject({ expireBefore: daysAgo(14), keepLast: 100 });
  });

  test('looks for orphans once a week, three days old, in folders of its own', () => {
    const own = { 'ivory.own-folder': 'true' };
    const sought = (days: number) => ({ ...own, 'ivory.orphans-sought-at': String(daysAgo(days).getTime()) });
    expect(limits(own).orphans).toEqual({ before: daysAgo(3), soughtAt: NOW });
    expect(limits(sought(7)).orphans).not.toBeNull();
    for (const properties of [{}, sought(6.9), { ...own, 'gc.enabled': 'false' }])
      expect(limits(properties).orphans).toBeNull();
  });

  test('takes for small what is below three quarters of the size the table writes', () => {
    expect(limits({}).smallBytes).toBe(384 * 1024 * 1024);
    expect(limits({ 'write.target-file-size-bytes': '1000' }).smallBytes).toBe(750);
  });
});

test('a moment is said to the millisecond, as UTC', () => {
  expect(timestampLiteral(NOW)).toBe("TIMESTAMP '2026-03-28 12:00:00.500'");
});
