import { expect, test } from 'vitest';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { CareCounts, CareRequest, Lakehouse } from '../../../src/ports/lakehouse.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, type Subject, TENANT } from './contract.ts';

const DAY_MS = 86_400_000;
const ROUNDS = 6;

/** As the tick asks: 14 days, 100 commits. */
export async function careFor(
  lakehouse: Lakehouse,
  table: string,
  changes: Partial<CareRequest> = {},
): Promise<CareCounts | null> {
  if (!lakehouse.care) throw new Error('this lakehouse cares for nothing');
  return lakehouse.care({
    ...{ tenantId: TENANT, namespace: NAMESPACE, table, keepLast: 100 },
    keepAfter: new Date(Date.now() - 14 * DAY_MS),
    signal: new AbortController().signal,
    ...changes,
  });
}

export function carePromises(subject: Subject): void {
  test('a table that was cared for holds the rows it held, and every commit is found', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    const batches = [1, 2, 3].map(() => ({ ...spec, batchId: crypto.randomUUID() }));
    const rows = (name: string) => [1n, 2n, 3n].map((id): LakeValue[] => [id, name]);
    for (const [n, batch] of batches.entries()) await loadRows(lakehouse, batch, rows(`round ${n}`));
    expect(await careFor(lakehouse, spec.table)).not.toBeNull();
    expect(await careFor(lakehouse, spec.table)).not.toBeNull();
    expect(await readRows(lakehouse, spec.table)).toEqual(rows('round 2'));
    for (const { batchId } of batches)
      expect(await lakehouse.findCommit(NAMESPACE, spec.table, batchId)).not.toBeNull();
  });

  test('a table that is not there is nothing to care for, and another tenant’s is not touched', async () => {
    const { lakehouse } = subject();
    const { table } = peopleBatch();
    expect(await careFor(lakehouse, table)).toBeNull();
    await expect(careFor(lakehouse, table, { tenantId: 'stranger' })).rejects.toMatchObject({
      code: 'lakehouse.namespace_missing',
    });
  });

  test('care again and again beside loads: the rows are those of the loads alone', async () => {
    const { lakehouse, proxied } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    let isLoading = true;
    const caring = (async () => {
      while (isLoading) await careFor(proxied, spec.table).catch(onlyContended);
    })();
    const rows = (round: number) =>
      Array.from({ length: 100 }, (_, n): LakeValue[] => [BigInt(n + round * 10), `round ${round}`]);
    for (let round = 0; round < ROUNDS; round++)
      await loadAsQueued(lakehouse, { ...spec, batchId: crypto.randomUUID() }, rows(round));
    isLoading = false;
    await caring;
    const wanted = new Map(
      Array.from({ length: ROUNDS }, (_, round) => rows(round))
        .flat()
        .map(([id, name]) => [id, name]),
    );
    expect(await readRows(lakehouse, spec.table)).toEqual([...wanted]);
  }, 600_000);
}

/** Tried again when it may be, after a look for its commit, as the queue does. */
export async function loadAsQueued(
  lakehouse: Lakehouse,
  spec: Parameters<typeof loadRows>[1],
  rows: Parameters<typeof loadRows>[2],
): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    if (await lakehouse.findCommit(spec.namespace, spec.table, spec.batchId)) return;
    await loadRows(lakehouse, spec, rows).catch(onlyContended);
  }
  expect(await lakehouse.findCommit(spec.namespace, spec.table, spec.batchId)).not.toBeNull();
}

/** Another may have been faster again and again: that is no harm. */
export function onlyContended(error: unknown): void {
  expect(error).toMatchObject({ code: 'lakehouse.unavailable', retry: 'transient' });
}
