import { expect, test } from 'vitest';
import { parseLakeType } from '../../../src/domain/lake-type.ts';
import { holdsLosslessly } from '../../../src/domain/lake-type-widening.ts';
import { lakeTypeOfStaging } from '../../../src/domain/staging-type.ts';

test.each([
  ['long', 'int', true],
  ['int', 'long', false],
  ['double', 'int', true],
  ['double', 'long', false],
  ['decimal(38,9)', 'long', true],
  ['decimal(10,0)', 'long', false],
  ['decimal(20,4)', 'decimal(18,2)', true],
  ['decimal(18,2)', 'decimal(18,4)', false],
  ['decimal(18,4)', 'decimal(18,2)', false],
  ['string', 'uuid', true],
  ['string', 'long', false],
  ['timestamptz', 'timestamp', false],
  ['json', 'json', true],
])('a %s column holds %s values: %s', (existing, wanted, holds) => {
  expect(holdsLosslessly(parseLakeType(existing), parseLakeType(wanted))).toBe(holds);
});

test.each([
  ['integer', { kind: 'int' }],
  ['bigint', { kind: 'long' }],
  ['numeric', { kind: 'double' }],
  ['numeric(10,2)', { kind: 'decimal', precision: 10, scale: 2 }],
  ['numeric(50,2)', { kind: 'string' }],
  ['timestamp(3) without time zone', { kind: 'timestamp' }],
  ['timestamp with time zone', { kind: 'timestamptz' }],
  ['text[]', { kind: 'json' }],
  ['character varying(20)', { kind: 'string' }],
  ['interval', { kind: 'string' }],
])('a staged %s passes through as %j', (staged, type) => {
  expect(lakeTypeOfStaging(staged)).toEqual(type);
});
