import { describe, expect, test } from 'vitest';
import { parseState, printState } from '../../../../src/adapters/runner/fivetran/run-state.ts';

test.each([null, 'null', '{}', ' { } '])('%j is the start', (text) => {
  expect(parseState(text)).toBeNull();
});

test('what is printed is read back, tables in order', () => {
  const state = {
    succeededAt: '2026-03-28T12:00:00.123456Z',
    tables: new Map([
      ['deal', '2026-03-28T11:59:59.000001Z'],
      ['account', '2026-03-28T11:00:00Z'],
    ]),
  };
  const text = printState(state);
  expect(text).toBe(
    '{"fivetran":{"succeeded_at":"2026-03-28T12:00:00.123456Z","tables":{"account":"2026-03-28T11:00:00Z","deal":"2026-03-28T11:59:59.000001Z"}}}',
  );
  expect(parseState(text)).toEqual(state);
});

describe('a state of another kind is refused, not taken for the start', () => {
  test.each([
    '{"bookmarks":{"Opportunity":{}}}',
    '[]',
    '{"fivetran":{"succeeded_at":null}}',
    '{"fivetran":{"tables":{"deal":"yesterday"}}}',
    '{"fivetran":{"tables":{"deal":"2026-03-28T12:00:00+02:00"}}}',
    `{"fivetran":{"tables":{"deal":"2026-03-28T12:00:00Z'; drop table x"}}}`,
  ])('%s', (text) => {
    expect(() => parseState(text)).toThrow(expect.objectContaining({ code: 'fivetran.state_invalid' }));
  });
});
