import { afterAll, describe, expect, test } from 'vitest';
import { parseLakeType } from '../../../src/domain/lake-type.ts';
import type { PyValue } from '../../../src/ports/expressions.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { createRowTransformer, type TransformColumn } from '../../../src/transform/row-transformer.ts';
import { stagedToPython } from '../../../src/transform/staged-value.ts';

const engine = createExpressionEngine({ threads: 1 });
afterAll(() => engine.close());

function column(stagingType: string, targetType: string, transformFn: string | null = null): TransformColumn {
  const name = `${stagingType} to ${targetType}`;
  return {
    sourceColumn: name,
    stagingType,
    targetColumn: name,
    targetType: parseLakeType(targetType),
    transformFn,
  };
}

describe('a row transformer', () => {
  test('maps column by column and keeps the order of the rows', async () => {
    const transformer = createRowTransformer({
      engine,
      columns: [
        column('bigint', 'long'),
        column('text', 'double', 'float(v)/100 if v else 0.0'),
        column('timestamp with time zone', 'date', 'str(v)[:10] if v else None'),
      ],
    });
    const answer = await transformer.transform([
      ['9007199254740993', '8500', '2026-03-28 12:00:00+00'],
      ['2', null, null],
    ]);
    expect(answer.rejected).toEqual([]);
    expect(answer.rows).toEqual([
      { index: 0, values: [9007199254740993n, 85, '2026-03-28'] },
      { index: 1, values: [2n, 0, null] },
    ]);
  });

  test('rejects a bad row with column, expression and error, and no other row', async () => {
    const transformer = createRowTransformer({
      engine,
      columns: [column('text', 'double', 'float(v)'), column('text', 'int')],
    });
    const answer = await transformer.transform([
      ['1', '1'],
      ['x', '2'],
      ['3', '3000000000'],
      ['4', '4'],
    ]);
    expect(answer.rows.map((row) => row.index)).toEqual([0, 3]);
    expect(answer.rejected).toEqual([
      {
        index: 1,
        column: 'text to double',
        expression: 'float(v)',
        error: "ValueError: could not convert string to float: 'x'",
      },
      {
        index: 2,
        column: 'text to int',
        expression: null,
        error: '"3000000000" does not become int: it is out of range',
      },
    ]);
  });

  test('without a transform nothing is lost: numerics keep their digits, jsonb its text', async () => {
    const transformer = createRowTransformer({
      engine,
      columns: [column('numeric', 'decimal(38,10)'), column('numeric', 'string'), column('jsonb', 'json')],
    });
    const digits = '1234567890123456789.0123456789';
    const { rows } = await transformer.transform([[digits, digits, '{"n": 1.10, "big": 9007199254740993}']]);
    expect(rows).toEqual([{ index: 0, values: [digits, digits, '{"n": 1.10, "big": 9007199254740993}'] }]);
  });
});

describe('a staged value reaches an expression as a Python client has it', () => {
  test.each([
    ['text', 'x', 'x'],
    ['bigint', '9007199254740993', 9007199254740993n],
    ['numeric', '12', { type: 'decimal', text: '12' }],
    ['numeric', '12.50', { type: 'decimal', text: '12.50' }],
    ['numeric', '0.12345678901234567890', { type: 'decimal', text: '0.12345678901234567890' }],
    ['double precision', '85', 85],
    ['boolean', 'false', false],
    [
      'jsonb',
      '{"b": 1, "10": [1, 1.0]}',
      new Map<string, PyValue>([
        ['b', 1n],
        ['10', [1n, 1]],
      ]),
    ],
    ['bytea', '\\x00ff', { type: 'bytes', text: '00ff' }],
    ['timestamp without time zone', 'infinity', 'infinity'],
    ['date', '0044-03-15 BC', '0044-03-15 BC'],
    [
      'timestamp with time zone',
      '2026-03-28 12:00:00.5+00',
      { type: 'datetime', text: '2026-03-28 12:00:00.500000+00:00' },
    ],
    ['timestamp without time zone', '2026-03-28 12:00:00', { type: 'datetime', text: '2026-03-28 12:00:00' }],
    ['date', '2026-03-28', { type: 'date', text: '2026-03-28' }],
    ['time without time zone', '12:00:00.25', { type: 'time', text: '12:00:00.250000' }],
  ])('%s %s', (type, text, expected) => {
    expect(stagedToPython(text, type)).toEqual(expected);
  });
});
