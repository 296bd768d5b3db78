import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MappingRequest } from '../../../src/domain/mapping.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import type { TestDeps } from '../../harness/context.ts';
import { addConnector, columnsOf, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = workOff(await mappingDeps());
});
afterAll(() => deps.close());

const SALES: MappingRequest = {
  sourceStream: 'eu_sales',
  sourceSchema: { id: 'string', amount: 'number' },
  targetSchema: 'custom',
  targetTable: 'sales',
  targetSchemaDef: { id: 'string', amount: 'decimal(18,2)' },
};

describe('two streams of one connector into one table', () => {
  it('are allowed where columns agree, and each key says what becomes of equal keys', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    const first = await proposed(ctx, { connectorId, ...OPPORTUNITY });
    expect(first.mappings[0]?.warnings).toEqual([]);
    const second = await proposed(ctx, { connectorId, ...OPPORTUNITY, sourceStream: 'Archived' });
    expect(second.mapped).toBe(first.mapped);
    expect(second.mappings.find((m) => m.isKey)?.warnings).toEqual([
      'Stream "Opportunity" is loaded into this table too: of rows with the same external_id the one loaded last overwrites the other.',
    ]);
  });

  it('append where there is no key, and say so once', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...SALES });
    const second = await proposed(ctx, { connectorId, ...SALES, sourceStream: 'us_sales' });
    const warnings = second.mappings.flatMap((mapping) => mapping.warnings);
    expect(warnings.filter((warning) => warning.includes('eu_sales'))).toEqual([
      'Stream "eu_sales" is loaded into this table too: the rows of both are appended.',
    ]);
  });

  it('say when the other stream has no value for the key', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...OPPORTUNITY, sourceSchema: { Name: 'string' } });
    const second = await proposed(ctx, { connectorId, ...OPPORTUNITY, sourceStream: 'Archived' });
    expect(second.mappings.find((m) => m.isKey)?.warnings).toEqual([
      'Stream "Opportunity" is loaded into this table too, without a value for the key external_id.',
    ]);
  });

  it('are refused where a column has two types, naming the other stream', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...SALES });
    const other = { ...SALES, sourceStream: 'us_sales', targetSchemaDef: { id: 'string', Amount: 'double' } };
    await expect(proposed(ctx, { connectorId, ...other })).rejects.toMatchObject({
      code: 'mapping.type_conflict',
      message: expect.stringContaining('stream "eu_sales"'),
      errors: [{ field: 'target_schema_def.amount' }],
    });
    const same = { ...other, targetSchemaDef: { id: 'text', amount: 'numeric(18, 2)' } };
    expect((await proposed(ctx, { connectorId, ...same })).mapped).toBe(2);
    const elsewhere = { ...other, targetTable: 'us_sales' };
    expect((await proposed(ctx, { connectorId, ...elsewhere })).mapped).toBe(2);
  });

  it("meet where one target is the other stream's destination table", async () => {
    const connectorId = await addConnector(deps, 'acme', 'salesforce', 'deals');
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...SALES });
    const deals = {
      ...SALES,
      sourceStream: 'us_sales',
      targetTable: 'deals',
      targetSchemaDef: { id: 'string', amount: 'double' },
    };
    await expect(proposed(ctx, { connectorId, ...deals })).rejects.toMatchObject({
      code: 'mapping.type_conflict',
    });
  });

  it('are refused by an update that gives a column another type', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    const other = { ...SALES, sourceStream: 'us_sales', targetSchemaDef: { id: 'string', total: 'double' } };
    const sourceSchema = { id: 'string', total: 'number' };
    const { mappings } = await proposed(ctx, { connectorId, ...other, sourceSchema });
    await proposed(ctx, { connectorId, ...SALES });
    await deps.database.sql`
      update etl.mapping_jobs set request = jsonb_set(request::jsonb, '{targetSchemaDef,amount}', '"double"')::json
      where connector_id = ${connectorId} and request->>'sourceStream' = 'us_sales'`;
    const mappingId = mappings.find((m) => m.targetColumn === 'total')?.id ?? '';
    await expect(
      updateMapping(ctx, { connectorId, mappingId, patch: { targetColumn: 'amount' } }),
    ).rejects.toMatchObject({
      code: 'mapping.type_conflict',
      errors: [{ field: 'target_column', message: expect.stringContaining('eu_sales') }],
    });
  });
});

describe('two connectors of a tenant with one destination table', () => {
  it('are allowed; key and columns say what to expect of it', async () => {
    const ctx = ctxOf(deps, 'sharer');
    const first = await addConnector(deps, 'sharer', 'salesforce', 'sales');
    await proposed(ctx, { connectorId: first, ...SALES });
    const second = await addConnector(deps, 'sharer', 'hubspot', 'sales');
    const targetSchemaDef = { id: 'string', amount: 'double' };
    const { mappings } = await proposed(ctx, { connectorId: second, ...SALES, targetSchemaDef });
    expect(mappings.map(({ targetColumn, warnings }) => [targetColumn, warnings])).toEqual([
      ['id', []],
      [
        'amount',
        [
          'Stream "eu_sales" of connector "salesforce" is loaded into this table too: the rows of both are appended.',
          'Stream "eu_sales" of connector "salesforce" loads this column too, as decimal(18,2) there and double here: what does not fit the type the table has is rejected.',
        ],
      ],
    ]);
    const mappingId = mappings[1]?.id ?? '';
    const patch = { reviewed: true };
    const approved = await updateMapping(ctx, { connectorId: second, mappingId, patch });
    expect(approved.warnings).toEqual(mappings[1]?.warnings);
  });

  it('are named up to the third', async () => {
    const ctx = ctxOf(deps, 'crowd');
    const told: string[][] = [];
    for (let n = 1; n <= 5; n++) {
      const connectorId = await addConnector(deps, 'crowd', `org_${n}`, 'sales');
      const { mappings } = await proposed(ctx, { connectorId, ...SALES });
      const warnings = mappings.flatMap((mapping) => mapping.warnings);
      told.push(warnings.filter((warning) => warning.includes('loaded into this table too')));
    }
    expect(told.map((warnings) => warnings.length)).toEqual([0, 1, 2, 3, 4]);
    expect(told[4]?.[3]).toBe('1 more stream is loaded into this table too.');
  });

  it('of two tenants know nothing of each other', async () => {
    const add = (tenant: string) => addConnector(deps, tenant, 'salesforce', 'sales');
    await proposed(ctxOf(deps, 'one'), { connectorId: await add('one'), ...SALES });
    const { mappings } = await proposed(ctxOf(deps, 'two'), { connectorId: await add('two'), ...SALES });
    expect(mappings.flatMap(({ warnings }) => warnings).join()).not.toContain('too');
  });
});

describe('fields and columns of one stream', () => {
  it('two fields that want one column: one gets it and names the other', async () => {
    const connectorId = await addConnector(deps);
    const { mappings } = await proposed(ctxOf(deps), {
      connectorId,
      ...SALES,
      sourceSchema: { amount_due: 'number', due_amount: 'number' },
      targetSchemaDef: { amount_due: 'double', volume: 'double' },
    });
    expect(mappings).toHaveLength(1);
    expect(mappings[0]).toMatchObject({
      sourceField: 'amount_due',
      reason: expect.stringContaining('"due_amount"'),
    });
  });

  it('one field for two tables: the later request moves it, and the reason names the former column', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...SALES });
    const { mappings } = await proposed(ctx, { connectorId, ...SALES, targetTable: 'revenue' });
    expect(mappings.map(({ targetTable }) => targetTable)).toEqual(['revenue', 'revenue']);
    expect(mappings[0]?.reason).toContain('It no longer goes to "sales.id": a field feeds one column.');
  });

  it('names that differ in case are two fields and one column', async () => {
    const connectorId = await addConnector(deps);
    const { mappings } = await proposed(ctxOf(deps), {
      connectorId,
      ...SALES,
      sourceSchema: { Amount: 'number', amount: 'number' },
    });
    expect(columnsOf(mappings)).toEqual({ amount: 'amount' });
  });
});

describe('a target definition', () => {
  const ask = async (targetSchemaDef: Record<string, string>) =>
    proposed(ctxOf(deps), { connectorId: await addConnector(deps), ...SALES, targetSchemaDef });

  it('with a type nobody knows is refused, naming each such column', async () => {
    await expect(ask({ id: 'string', amount: 'monies', at: 'decimal(99,2)' })).rejects.toMatchObject({
      code: 'mapping.target_invalid',
      message: expect.stringContaining('"monies"'),
      errors: [{ field: 'target_schema_def.amount' }, { field: 'target_schema_def.at' }],
    });
  });

  it('with two columns that differ in case is refused, naming both', async () => {
    await expect(ask({ id: 'string', Total: 'double', total: 'double' })).rejects.toMatchObject({
      code: 'mapping.target_invalid',
      errors: [{ field: 'target_schema_def.total', message: expect.stringContaining('"Total"') }],
    });
  });
});

describe('names', () => {
  it.each([
    ['reserved words', 'select', 'order', 'user'],
    ['letters beyond ASCII', 'Größe', '数量', 'prénom'],
    ['quotes and spaces', 'a "b"', "it's", 'Cost Total $'],
    ['what JavaScript objects have', 'constructor', '__proto__', 'toString'],
  ])('may be %s, on both sides', async (_, ...names) => {
    const connectorId = await addConnector(deps);
    const schema = Object.fromEntries(names.map((name) => [name, 'string']));
    const { mappings } = await proposed(ctxOf(deps), {
      connectorId,
      ...SALES,
      sourceSchema: schema,
      targetSchemaDef: schema,
    });
    const own = Object.keys(schema);
    expect(columnsOf(mappings)).toEqual(Object.fromEntries(own.map((name) => [name, name])));
  });

  it('of 255 characters are kept whole; a column too long for Postgres comes with a warning', async () => {
    const connectorId = await addConnector(deps);
    const name = `${'long_'.repeat(50)}field`;
    const { mappings } = await proposed(ctxOf(deps), {
      connectorId,
      ...SALES,
      sourceSchema: { [name]: 'string' },
      targetSchemaDef: { [name]: 'string' },
    });
    expect(mappings[0]).toMatchObject({
      sourceField: name,
      targetColumn: name,
      confidenceScore: 1,
      warnings: [expect.stringContaining('has 255 bytes')],
    });
  });
});
