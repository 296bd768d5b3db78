import { describe, expect, test } from 'vitest';
import { typeOfText, widen } from '../../../src/singer/tap-files/column-type.ts';

describe('the type of a text', () => {
  test.each([
    ['0', 'integer'],
    ['-12', 'integer'],
    ['9223372036854775807', 'integer'],
    ['9223372036854775808', 'string'],
    ['00501', 'string'],
    ['-007', 'string'],
    ['+5', 'string'],
    [' 5', 'string'],
    ['1.50', 'number'],
    ['.5', 'number'],
    ['-.5', 'number'],
    ['1e5', 'number'],
    ['00.5', 'string'],
    ['1,000', 'string'],
    ['-', 'string'],
    ['.', 'string'],
    ['e5', 'string'],
    ['NaN', 'string'],
    ['TRUE', 'boolean'],
    ['false', 'boolean'],
    ['yes', 'string'],
    ['2024-02-29', 'date'],
    ['2023-02-29', 'string'],
    ['2024-13-01', 'string'],
    ['2024-01-02T03:04:05Z', 'date-time'],
    ['2024-01-02 03:04:05.123456', 'date-time'],
    ['2024-01-02T03:04+02:00', 'date-time'],
    ['2024-01-02T25:04:05Z', 'string'],
    ['', 'string'],
  ])('%j is %s', (text, type) => {
    expect(typeOfText(text)).toBe(type);
  });
});

test('integers and numbers meet in number, everything else that conflicts in string', () => {
  expect(widen('integer', 'number')).toBe('number');
  expect(widen('number', 'integer')).toBe('number');
  expect(widen('date', 'date-time')).toBe('string');
  expect(widen('boolean', 'integer')).toBe('string');
  expect(widen('unknown', 'date')).toBe('date');
  expect(widen('object', 'unknown')).toBe('object');
});
