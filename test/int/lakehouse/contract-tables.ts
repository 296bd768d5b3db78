import { expect, test } from 'vitest';
import { loadRows, NAMESPACE, peopleBatch, readRows, type Subject, TENANT } from './contract.ts';

export function tablePromises(subject: Subject): void {
  test('provisioning twice, or ten times at once, changes nothing', async () => {
    const { lakehouse } = subject();
    await Promise.all(Array.from({ length: 10 }, () => lakehouse.provision(TENANT, NAMESPACE)));
    await Promise.all(Array.from({ length: 4 }, () => lakehouse.provision('gamma', 'ivory_tenant_gamma')));
  });

  test('a namespace of one tenant is not given to another', async () => {
    const { lakehouse } = subject();
    await expect(lakehouse.provision('stranger', NAMESPACE)).rejects.toMatchObject({
      code: 'lakehouse.namespace_taken',
    });
  });

  test('a missing table is made with the columns of the batch, an unknown one is described as null', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    expect(await lakehouse.describeTable(NAMESPACE, spec.table)).toBeNull();
    await lakehouse.ensureTable(spec);
    expect(await lakehouse.describeTable(NAMESPACE, spec.table)).toEqual({
      namespace: NAMESPACE,
      table: spec.table,
      columns: spec.columns,
    });
  });

  test('a table in a namespace that was never provisioned is refused', async () => {
    const spec = peopleBatch({ namespace: 'nobody_made_this' });
    await expect(subject().lakehouse.ensureTable(spec)).rejects.toMatchObject({
      code: 'lakehouse.namespace_missing',
    });
  });

  test('a new column is added and older rows read null there', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, [[1n, 'a']]);
    const wider = peopleBatch({
      table: spec.table,
      columns: [...spec.columns, { name: 'email', type: { kind: 'string' } }],
    });
    await loadRows(lakehouse, wider, [[2n, 'b', 'b@x']]);
    expect(await readRows(lakehouse, spec.table)).toEqual([
      [1n, 'a', null],
      [2n, 'b', 'b@x'],
    ]);
  });

  test('two workers that make the same table at once both succeed', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    const tables = await Promise.all([1, 2, 3, 4].map(() => lakehouse.ensureTable(spec)));
    expect(tables.map(({ columns }) => columns)).toEqual([1, 2, 3, 4].map(() => spec.columns));
  });

  test('a column that exists with another type is refused by name; a wider one takes the values', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const narrower = peopleBatch({
      table: spec.table,
      columns: [
        { name: 'id', type: { kind: 'int' } },
        { name: 'name', type: { kind: 'string' } },
      ],
    });
    await loadRows(lakehouse, narrower, [[7n, 'seven']]);
    expect(await readRows(lakehouse, spec.table)).toEqual([[7n, 'seven']]);
    const other = peopleBatch({
      table: spec.table,
      columns: [
        { name: 'id', type: { kind: 'long' } },
        { name: 'name', type: { kind: 'boolean' } },
      ],
    });
    await expect(lakehouse.ensureTable(other)).rejects.toMatchObject({
      code: 'lakehouse.type_conflict',
      errors: [{ field: 'name' }],
    });
  });

  test('names with quotes, dots, spaces and other alphabets are names', async () => {
    const { lakehouse, quote } = subject();
    const table = `Deals "2026"; drop schema x; -- ü.${Math.random().toString(36).slice(2, 8)}`;
    const columns = [`a"b`, `a.b`, `a'b`, 'ключ', 'select', 'x y', '$1', 'back\\slash', 'a`b'];
    const spec = peopleBatch({
      table,
      columns: columns.map((name) => ({ name, type: { kind: 'string' } })),
      keys: ['a"b', 'ключ'],
    });
    await loadRows(lakehouse, spec, [columns.map((_, n) => String(n))]);
    expect(await readRows(lakehouse, quote(table), '1')).toEqual([columns.map((_, n) => String(n))]);
    expect((await lakehouse.describeTable(NAMESPACE, table))?.columns.map(({ name }) => name)).toEqual(
      columns,
    );
  });

  test('a name the engine would cut short is refused', async () => {
    const { lakehouse, tooLong } = subject();
    const spec = peopleBatch({ table: tooLong });
    await expect(lakehouse.ensureTable(spec)).rejects.toMatchObject({ code: 'identifier.invalid' });
  });
}
