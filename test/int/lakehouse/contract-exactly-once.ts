import { expect, test } from 'vitest';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { BatchSpec, LakeBatch } from '../../../src/ports/lakehouse.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, type Subject, TENANT } from './contract.ts';

const PEOPLE = Array.from({ length: 2_000 }, (_, n): LakeValue[] => [BigInt(n), `person ${n}`]);
const UNAVAILABLE = { code: 'lakehouse.unavailable', retry: 'transient' };
const LIMITS = { maxRows: 1, timeoutMs: 60_000 };

export function exactlyOncePromises(subject: Subject): void {
  test('a batch committed twice, by one object or by a retry, is there once', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch({ mode: 'append', keys: [] });
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(PEOPLE);
    const first = await batch.commit();
    expect(await batch.commit()).toEqual(first);
    await batch.abort();
    expect(await loadRows(lakehouse, spec, PEOPLE)).toEqual(first);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toEqual(first);
    expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
    expect(first.rowsLoaded).toBe(PEOPLE.length);
  });

  test('nothing of an aborted batch is there', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(PEOPLE);
    await batch.abort();
    await batch.abort();
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toBeNull();
  });

  test('within a batch the last word on a key counts, a removal included', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, [
      [1n, 'old'],
      [2n, 'old'],
      [3n, 'old'],
    ]);
    const next = await lakehouse.openBatch({ ...spec, batchId: crypto.randomUUID() });
    await next.write([
      [1n, 'first'],
      [1n, 'last'],
      [4n, 'made and removed'],
    ]);
    await next.remove([[2n], [3n], [4n], [99n]]);
    await next.write([[3n, 'back']]);
    expect((await next.commit()).rowsLoaded).toBe(4);
    expect(await readRows(lakehouse, spec.table)).toEqual([
      [1n, 'last'],
      [3n, 'back'],
    ]);
  });

  test('an upsert leaves columns it does not bring as they are', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, [[1n, 'kept']]);
    await loadRows(
      lakehouse,
      peopleBatch({ table: spec.table, columns: [{ name: 'id', type: { kind: 'long' } }] }),
      [[1n]],
    );
    expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'kept']]);
  });

  test('a reader sees none of a batch or all of it', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    const seen = new Set<string>();
    const count = async () => {
      const { rows } = await lakehouse.query(TENANT, NAMESPACE, `select count(*) from ${spec.table}`, LIMITS);
      seen.add(String(rows[0]?.[0]));
    };
    for (let n = 0; n < PEOPLE.length; n += 500) {
      await batch.write(PEOPLE.slice(n, n + 500));
      await count();
    }
    expect([...seen]).toEqual(['0']);
    await Promise.all([batch.commit(), count(), count(), count(), count()]);
    await count();
    expect([...seen].sort()).toEqual(['0', String(PEOPLE.length)].sort());
  });

  test('two batches on one table come one after the other and both are there', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const rows = (name: string) => PEOPLE.map(([id]): LakeValue[] => [id ?? null, name]);
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        loadRows(lakehouse, { ...spec, batchId: crypto.randomUUID() }, rows(name)),
      ),
    );
    const names = new Set((await readRows(lakehouse, spec.table)).map(([, name]) => name));
    expect(names.size).toBe(1);
  });

  test('sessions ended by the server while rows are written: a retry loads all', async () => {
    const { lakehouse, killSessions } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(PEOPLE);
    await killSessions();
    await expectRetryLoadsAll(subject, spec, (await isCommitted(batch)) ? 'committed' : 'lost');
  });

  test('sessions ended by the server after the commit: the commit is found, a retry changes nothing', async () => {
    const { lakehouse, killSessions } = subject();
    const spec = peopleBatch({ mode: 'append', keys: [] });
    await loadRows(lakehouse, spec, PEOPLE);
    await killSessions();
    await expectRetryLoadsAll(subject, spec, 'committed');
  });

  test.each(['append', 'upsert'] as const)(
    'an %s whose commit is swallowed has not happened, and a retry loads all',
    async (mode) => {
      const { proxied, proxy, commitRequest } = subject();
      const spec = peopleBatch(mode === 'append' ? { mode, keys: [] } : {});
      await proxied.ensureTable(spec);
      const batch = await proxied.openBatch(spec);
      await batch.write(PEOPLE);
      proxy.cutAt(commitRequest, 'swallowed');
      expect(await isCommitted(batch)).toBe(false);
      await expectRetryLoadsAll(subject, spec, 'lost');
    },
  );

  test.each(['append', 'upsert'] as const)(
    'the answer to the commit of an %s is lost: it is looked up, and never repeated',
    async (mode) => {
      const { proxied, proxy, commitRequest, unheardCommit } = subject();
      const spec = peopleBatch(mode === 'append' ? { mode, keys: [] } : {});
      await proxied.ensureTable(spec);
      const batch = await proxied.openBatch(spec);
      await batch.write(PEOPLE);
      proxy.cutAt(commitRequest, 'answer-lost');
      const outcome = (await isCommitted(batch)) ? 'committed' : unheardCommit;
      await expectRetryLoadsAll(subject, spec, outcome);
    },
  );

  test('a connection cut anywhere, at random, again and again: the rows are those of one clean run', async () => {
    const { proxied, proxy, lakehouse, trials } = subject();
    const count = Number(process.env['IVORY_TRIALS'] ?? trials);
    const before = proxy.bytes();
    await loadRows(proxied, peopleBatch({ mode: 'append', keys: [] }), PEOPLE);
    const whole = proxy.bytes() - before;
    const cutsBefore = proxy.cuts();
    for (let trial = 0; trial < count; trial++) {
      // an upsert twice is an upsert: appending shows what was done twice
      const spec = peopleBatch(trial % 4 === 3 ? {} : { mode: 'append', keys: [] });
      proxy.cutAfter(1 + Math.floor(Math.random() * whole));
      await loadRows(proxied, spec, PEOPLE).catch((error: unknown) => {
        expect(error).toMatchObject(UNAVAILABLE);
      });
      proxy.cut();
      const done = await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId);
      if (!done) await loadRows(lakehouse, spec, PEOPLE);
      expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
    }
    expect(proxy.cuts() - cutsBefore).toBeGreaterThan(count / 2);
  }, 3_600_000);
}

/** Commits, and ends the batch as a load does. */
async function isCommitted(batch: LakeBatch): Promise<boolean> {
  try {
    await batch.commit();
    return true;
  } catch (error) {
    expect(error).toMatchObject(UNAVAILABLE);
    return false;
  } finally {
    await batch.abort();
  }
}

async function expectRetryLoadsAll(
  subject: Subject,
  spec: BatchSpec,
  outcome: 'lost' | 'committed' | 'either',
): Promise<void> {
  const { lakehouse } = subject();
  const found = await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId);
  if (outcome === 'lost') {
    expect(found).toBeNull();
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
  } else if (outcome === 'committed') {
    expect(found).toMatchObject({ rowsLoaded: PEOPLE.length });
  }
  await loadRows(lakehouse, spec, PEOPLE);
  expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
}
