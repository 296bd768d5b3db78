import { describe, expect, test } from 'vitest';
import type { MappingRow } from '../../../src/db/queries/load-mappings.ts';
import type { StagedTable } from '../../../src/db/queries/staging.ts';
import { planTable } from '../../../src/services/runs/plan-table.ts';
import { mapping, stagedTable } from './fixtures.ts';

function plan(
  mappings: MappingRow[] | null,
  table: Partial<StagedTable> = {},
  mode: 'upsert' | 'append' = 'upsert',
) {
  const staged = stagedTable('Opportunity', table);
  return planTable({ stream: 'Opportunity', table: staged, targetTable: 'deals', mappings }, mode);
}

describe('what a load writes', () => {
  test('a stream that passes through keeps its own columns and key, without metadata', () => {
    const { columns, keys, mode } = plan(null);
    expect(
      columns.map(({ targetColumn, stagingType, targetType }) => [
        targetColumn,
        stagingType,
        targetType.kind,
      ]),
    ).toEqual([
      ['Id', 'text', 'string'],
      ['Name', 'text', 'string'],
      ['tags', 'json', 'json'],
    ]);
    expect({ keys, mode }).toEqual({ keys: ['Id'], mode: 'upsert' });
  });

  test('the mapped staging key tells rows apart', () => {
    expect(plan([mapping({})])).toMatchObject({ keys: ['external_id'], mode: 'upsert' });
  });

  test('when a part of the staging key is not mapped, the columns marked as key do', () => {
    const mappings = [mapping({}), mapping({ sourceField: 'Name', targetColumn: 'name', isKey: true })];
    expect(plan(mappings, { primaryKey: ['Id', 'Region'] })).toMatchObject({
      keys: ['name'],
      mode: 'upsert',
    });
    expect(plan([mapping({})], { primaryKey: ['Id', 'Region'] })).toMatchObject({ keys: [], mode: 'append' });
  });

  test('append mode has no key', () => {
    expect(plan(null, {}, 'append')).toMatchObject({ keys: [], mode: 'append' });
  });

  test('a field is found by its own name, or by the only one that differs in case', () => {
    const [column] = plan([mapping({ sourceField: 'ID' })]).columns;
    expect(column?.sourceColumn).toBe('Id');
  });

  test('a field the source never delivered is named; its transform runs on null, without one its column is left alone', () => {
    const mappings = [
      mapping({}),
      mapping({ sourceField: 'Gone', targetColumn: 'gone' }),
      mapping({ sourceField: 'Currency', targetColumn: 'currency', transformFn: "'USD'" }),
    ];
    const made = plan(mappings);
    expect(made.missingFields).toEqual(['Gone', 'Currency']);
    expect(made.columns.map(({ targetColumn }) => targetColumn)).toEqual(['external_id', 'currency']);
    expect(made.emptyColumns.map(({ targetColumn }) => targetColumn)).toEqual(['gone']);
  });

  test.each([
    ['a key field', [mapping({}), mapping({ sourceField: 'Gone', targetColumn: 'gone', isKey: true })]],
    ['every mapped field', [mapping({ sourceField: 'Gone' })]],
  ])('%s that is missing refuses the stream and names the field', (_, mappings) => {
    expect(() => plan(mappings)).toThrow(
      expect.objectContaining({
        code: 'load.source_column_missing',
        errors: [expect.objectContaining({ field: 'Gone' })],
      }),
    );
  });

  test('two fields mapped to one column are refused', () => {
    expect(() => plan([mapping({}), mapping({ sourceField: 'Name' })])).toThrow(
      expect.objectContaining({ code: 'load.target_column_twice' }),
    );
  });

  test('a stream of metadata only is refused', () => {
    expect(() =>
      plan(null, { columns: [{ name: '_sdc_sequence', type: 'bigint' }], primaryKey: [] }),
    ).toThrow(expect.objectContaining({ code: 'load.no_columns' }));
  });
});
