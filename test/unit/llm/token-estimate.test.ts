import { expect, it } from 'vitest';
import { clipTokens, estimateTokens } from '../../../src/domain/token-estimate.ts';

/** Counted with o200k_base and cl100k_base; the larger of the two. */
it.each([
  ['I map the fields of a source stream to the columns of a target table.', 16],
  ['customer_billing_address_line_2', 7],
  ['{"name":"Cost Total $","type":"number"}', 12],
  ['qxzjvkwqxzjvkwqxzjvkwqxzjvkw', 20],
  ['漢字仮名交じり文', 11],
  ['12345678901234567890', 7],
  ['bafegulokimuredapisonute', 10],
  ['CUSTOMER_BILLING_ADDRESS', 6],
  ['!?@#$%^&*()[]{}<>|~`;:,.', 15],
  ['αβγδεζηθικλμνξ', 16],
])('is not below what %s really takes', (text, tokens) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens);
});

/** Counted as above. */
it.each([
  ['customer_order_status_date_created', 5],
  ['{"name":"close_date","type":"string","description":"When the deal is expected to close."}', 21],
])('is not twice what %s really takes', (text, tokens) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens);
  expect(estimateTokens(text)).toBeLessThan(2 * tokens);
});

it('a clipped text is within its tokens, and never ends inside a character', () => {
  for (const text of [
    'word '.repeat(1_000),
    '🏴‍☠️'.repeat(500),
    'x'.repeat(9_999),
    '?!'.repeat(900),
    ' \t'.repeat(900),
    '',
  ]) {
    const clipped = clipTokens(text, 20);
    expect(estimateTokens(clipped)).toBeLessThanOrEqual(20);
    expect(clipped.isWellFormed()).toBe(true);
    expect(text.startsWith(clipped)).toBe(true);
  }
  expect(clipTokens('short', 20)).toBe('short');
});
