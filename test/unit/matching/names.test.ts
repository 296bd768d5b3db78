import { describe, expect, it } from 'vitest';
import { cutAlignment } from '../../../src/matching/cut-alignment.ts';
import { nameScores } from '../../../src/matching/name-similarity.ts';
import { normalizedName, tokenize } from '../../../src/matching/name-tokens.ts';

function like(a: string, b: string): number {
  return nameScores([a], [b])[0] ?? 0;
}

describe('names', () => {
  it.each([
    ['CloseDate', ['close', 'date']],
    ['HTTPStatusCode', ['http', 'status', 'code']],
    ['Cost Total $', ['cost', 'total', 'usd']],
    ['Custom_Field__c', ['custom', 'field']],
    ['Größe (%)', ['große', 'percent'].map((word) => word.normalize('NFKD').replace(/\p{M}/gu, ''))],
    ['ORT01', ['ort', '01']],
  ])('splits %s into its words', (name, words) => {
    expect(tokenize(name)).toEqual(words);
  });

  it('spells a name one way however it is written', () => {
    const spelled = ['CloseDate', 'close_date', 'CLOSE DATE', 'close-date'].map(normalizedName);
    expect(new Set(spelled).size).toBe(1);
  });

  it.each([
    ['closedate', 'close_date', 'created_at'],
    ['zip', 'postal_code', 'country'],
    ['dob', 'birth_date', 'death_date'],
    ['cust_nm', 'customer_name', 'customer_id'],
    ['amt', 'deal_value_usd', 'deal_name'],
    ['gender', 'sex', 'age'],
    ['fyear', 'fiscal_year', 'founded_year'],
    ['custno', 'customer_number', 'customer_name'],
    ['qty', 'quantity', 'quality'],
    ['LastModifiedDate', 'updated_at', 'created_at'],
  ])('finds %s nearer to %s than to %s', (field, right, wrong) => {
    expect(like(field, right)).toBeGreaterThan(like(field, wrong));
    expect(like(field, right)).toBeGreaterThan(0.35);
  });

  it('gives names that have nothing in common next to nothing', () => {
    expect(like('pipeline', 'ticker')).toBeLessThan(0.15);
  });

  it('reads a run of letters as beginnings of words only in their order and without a rest', () => {
    expect(cutAlignment('custnum', ['customer', 'number'])).toBeGreaterThan(0.6);
    expect(cutAlignment('numcust', ['customer', 'number'])).toBe(0);
    expect(cutAlignment('custnumx', ['customer', 'number'])).toBe(0);
  });
});
