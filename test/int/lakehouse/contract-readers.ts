import { expect, test } from 'vitest';
import { loadRows, NAMESPACE, peopleBatch, readRows, type Subject, TENANT } from './contract.ts';

const LIMITS = { maxRows: 10, timeoutMs: 60_000 };

export function readerPromises(subject: Subject): void {
  test('a reader reads the tables of its namespace, those made later too', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, [[1n, 'a']]);
    expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'a']]);
  });

  test("a reader cannot read another tenant's namespace, and a tenant cannot ask for another's", async () => {
    const { lakehouse } = subject();
    await lakehouse.provision('rival', 'ivory_tenant_rival');
    const spec = peopleBatch({ tenantId: 'rival', namespace: 'ivory_tenant_rival' });
    await loadRows(lakehouse, spec, [[1n, 'secret']]);
    const theirs = `select * from ivory_tenant_rival.${spec.table}`;
    await expect(lakehouse.query(TENANT, NAMESPACE, theirs, LIMITS)).rejects.toMatchObject({
      code: 'lakehouse.refused',
    });
    await expect(lakehouse.query(TENANT, 'ivory_tenant_rival', theirs, LIMITS)).rejects.toMatchObject({
      code: 'lakehouse.namespace_unknown',
    });
    expect((await lakehouse.query('rival', 'ivory_tenant_rival', theirs, LIMITS)).rows).toEqual([
      [1n, 'secret'],
    ]);
  });

  test("a reader cannot read Ivory's own tables", async () => {
    const { lakehouse, forbiddenRelations } = subject();
    expect(forbiddenRelations.length).toBeGreaterThan(0);
    for (const relation of forbiddenRelations) {
      const asked = lakehouse.query(TENANT, NAMESPACE, `select count(*) from ${relation}`, LIMITS);
      await expect(asked, relation).rejects.toMatchObject({ code: 'lakehouse.refused' });
    }
  });

  test('a reader can neither write nor become somebody else', async () => {
    const { lakehouse, forbiddenStatements } = subject();
    const spec = peopleBatch({ table: 'guarded' });
    await loadRows(lakehouse, spec, [[1n, 'untouched']]);
    expect(forbiddenStatements.length).toBeGreaterThan(0);
    for (const statement of forbiddenStatements) {
      await expect(lakehouse.query(TENANT, NAMESPACE, statement, LIMITS), statement).rejects.toMatchObject({
        code: 'lakehouse.refused',
      });
    }
    expect(await readRows(lakehouse, 'guarded')).toEqual([[1n, 'untouched']]);
  });

  test('an answer is cut at the row limit and says so', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await loadRows(
      lakehouse,
      spec,
      Array.from({ length: 11 }, (_, n) => [BigInt(n), 'x']),
    );
    const ask = (maxRows: number) =>
      lakehouse.query(TENANT, NAMESPACE, `select id, id from ${spec.table}`, { ...LIMITS, maxRows });
    expect(await ask(10)).toMatchObject({ columns: ['id', 'id'], truncated: true });
    expect((await ask(10)).rows).toHaveLength(10);
    expect(await ask(11)).toMatchObject({ truncated: false });
  });

  test('a query that takes too long is stopped', async () => {
    const { lakehouse, slowQuery } = subject();
    await expect(
      lakehouse.query(TENANT, NAMESPACE, slowQuery, { maxRows: 1, timeoutMs: 200 }),
    ).rejects.toMatchObject({ code: 'lakehouse.query_timeout' });
  });

  test('a ping is answered', async () => {
    await expect(subject().lakehouse.ping(AbortSignal.timeout(30_000))).resolves.toBeUndefined();
  });
}
