import { describe, expect, test } from 'vitest';
import { fieldType, fieldTypes } from '../../../src/adapters/runner/singer/field-type.ts';
import { changedFields, driftAfter, isSameType, type Telling } from '../../../src/domain/source-drift.ts';
import { createToldSchemas } from '../../../src/services/runs/told-schemas.ts';

describe('what a source tells, compared with what it told', () => {
  const own = { Id: 'string', Amount: 'number', Closed: 'date' };

  test('names what is added, gone and of another type', () => {
    expect(changedFields({ own, other: null }, { Id: 'string', Amount: 'string', Stage: 'string' })).toEqual([
      { field: 'Amount', kind: 'type_changed', from: 'number', to: 'string' },
      { field: 'Closed', kind: 'removed', from: 'date' },
      { field: 'Stage', kind: 'added', to: 'string' },
    ]);
  });

  test('what is told for the first time differs from nothing', () => {
    expect(changedFields({ own: null, other: null }, own)).toEqual([]);
  });

  test('where only the other origin has told something, that counts', () => {
    expect(changedFields({ own: null, other: own }, { Id: 'string', Amount: 'number' })).toEqual([
      { field: 'Closed', kind: 'removed', from: 'date' },
    ]);
  });

  test('what the other origin has told since is no news', () => {
    const other = { Id: 'string', Amount: 'string', Stage: 'string' };
    expect(changedFields({ own, other }, { ...other, Fax: 'string' })).toEqual([
      { field: 'Fax', kind: 'added', to: 'string' },
    ]);
  });

  test('a field named like something every object has is a field like others', () => {
    expect(changedFields({ own: {}, other: null }, { constructor: 'string' })).toEqual([
      { field: 'constructor', kind: 'added', to: 'string' },
    ]);
  });
});

describe('the drift of a mapping', () => {
  const mapping = { sourceField: 'Amount', sourceType: 'number', drift: null };
  const toText = { field: 'Amount', kind: 'type_changed', from: 'number', to: 'string' } as const;
  const gone = { field: 'Amount', kind: 'removed', from: 'number' } as const;
  const back = { field: 'Amount', kind: 'added', to: 'number' } as const;
  const changed = { kind: 'type_changed', since: 't1', by: 'run', from: 'number', to: 'string' } as const;
  const removed = { kind: 'field_removed', since: 't1', by: 'run', from: 'number' } as const;
  const told = (type?: string, change?: Telling['change'], origin: Telling['origin'] = 'run'): Telling => ({
    origin,
    change,
    fields: type === undefined ? {} : { Amount: type },
    at: 't2',
  });

  test('is what happened to its field', () => {
    expect(driftAfter(mapping, told('string', toText))).toEqual({ ...changed, since: 't2' });
    expect(driftAfter(mapping, told(undefined, gone))).toEqual({ ...removed, since: 't2' });
  });

  test('is none where the mapping was made for the type told now', () => {
    expect(driftAfter({ ...mapping, sourceType: 'varchar' }, told('string', toText))).toBeNull();
  });

  test('stays as it is while nothing new happens, and goes when the field is as it was', () => {
    const drifted = { ...mapping, drift: changed };
    expect(driftAfter(drifted, told('string'))).toBe(changed);
    expect(driftAfter(drifted, told('number'))).toBeNull();
    expect(driftAfter(drifted, told('boolean'))).toEqual({ ...changed, since: 't2', to: 'boolean' });
  });

  test('of a field that was gone and comes back as another type is that it changed', () => {
    const drifted = { ...mapping, drift: removed };
    expect(driftAfter(drifted, told())).toBe(removed);
    expect(driftAfter(drifted, told('integer'))).toBeNull();
    expect(driftAfter(drifted, told('string'))).toEqual({ ...changed, since: 't2' });
  });

  test('goes by the word of another only when that has seen the field change', () => {
    const drifted = { ...mapping, drift: removed };
    expect(driftAfter(drifted, told('number', undefined, 'discover'))).toBe(removed);
    expect(driftAfter(drifted, told('number', back, 'discover'))).toBeNull();
  });
});

describe('no false alarm', () => {
  const text = { type: 'string' };

  test.each<[string, unknown, unknown]>([
    ['null or not', { type: ['null', 'string'] }, text],
    ['the order of types', { type: ['string', 'integer', 'null'] }, { type: ['null', 'integer', 'string'] }],
    ['a list of one type', { type: ['number'] }, { type: 'number' }],
    ['anyOf with null', { anyOf: [{ type: 'null' }, { type: 'boolean' }] }, { type: ['boolean', 'null'] }],
    [
      'the order of anyOf',
      { anyOf: [{ type: 'string', format: 'date-time' }, text] },
      { anyOf: [text, { type: 'string', format: 'date-time' }] },
    ],
    ['a format of text', { type: 'string', format: 'email' }, { type: 'string', format: 'uuid' }],
    ['a format or none', { type: 'string', format: 'uri' }, text],
    ['bounds', { type: 'integer', minimum: 0, maximum: 5 }, { type: ['null', 'integer'] }],
    ['no type at all', {}, text],
    ['fields within', { type: 'object', properties: { a: text } }, { type: ['null', 'object'] }],
    ['numbers that happen to be whole', { type: 'number' }, { type: 'integer' }],
    ['a multiple', { type: 'number', multipleOf: 0.01 }, { type: 'number' }],
  ])('%s', (_, before, now) => {
    expect(isSameType(fieldType(before), fieldType(now))).toBe(true);
  });

  test.each([
    ['timestamp(6) with time zone', 'date-time'],
    ['NUMERIC(18,2)', 'number'],
    ['varchar(255)', 'string'],
    ['Bool', 'boolean'],
    ['bigint', 'integer'],
  ])('%s is %s in the words of a database', (word, type) => {
    expect([isSameType(word, type), isSameType(type, word)]).toEqual([true, true]);
  });
});

test.each<[string, unknown, unknown]>([
  ['number to text', { type: 'number' }, { type: 'string' }],
  ['whole numbers to any', { type: 'integer' }, { type: ['null', 'number'] }],
  ['a day to an instant', { type: 'string', format: 'date' }, { type: 'string', format: 'date-time' }],
  ['an instant to any text', { type: 'string', format: 'date-time' }, { type: 'string' }],
  ['text to an object', { type: 'string' }, { type: 'object' }],
  ['an array to an object', { type: 'array' }, { type: 'object' }],
  ['text to yes and no', { type: 'string' }, { type: 'boolean' }],
])('%s is a change', (_, before, now) => {
  expect(isSameType(fieldType(before), fieldType(now))).toBe(false);
});

describe('the schemas a run is told', () => {
  test('of one stream hold the fields of all of them, each of the type that holds them all', () => {
    const told = createToldSchemas();
    told.take('s', { id: 'integer', n: 'integer' });
    told.take('s', { id: 'integer', n: 'number', at: 'date' });
    told.take('s', { at: 'string' });
    expect([...told.streams()]).toEqual([['s', { id: 'integer', n: 'number', at: 'string' }]]);
  });

  test('that are none have no fields', () => {
    expect([undefined, null, 7, 'x', []].map(fieldTypes)).toEqual([{}, {}, {}, {}, {}]);
  });
});
