import { describe, expect, it } from 'vitest';
import { cutAlignment } from '../../../src/matching/cut-alignment.ts';
import { createLexicon } from '../../../src/matching/lexicon.ts';
import { nameScores } from '../../../src/matching/name-similarity.ts';
import {
  normalizedName,
  readingsOf,
  stem,
  tokenize,
  tokenizeText,
} from '../../../src/matching/name-tokens.ts';
import { tokenSimilarity } from '../../../src/matching/token-similarity.ts';

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

  it.each([
    ['capitals', 'QX'.repeat(5_000)],
    ['small letters', 'qx'.repeat(5_000)],
    ['short words', 'a_'.repeat(5_000)],
    ['changing case', 'aB'.repeat(5_000)],
    ['letters and digits', 'a1'.repeat(5_000)],
    ['letters that are decomposed', '\ufdfa'.repeat(5_000)],
  ])('reads no more of a name of 10,000 %s than names need', (_, name) => {
    const words = tokenize(name);
    expect(words.length).toBeLessThanOrEqual(16);
    expect(Math.max(...words.map((word) => word.length))).toBeLessThanOrEqual(32);
    expect(tokenizeText(name.repeat(10)).join('').length).toBeLessThanOrEqual(120 * 32);
  });

  it('reads a long name in few ways', () => {
    const lexicon = createLexicon(stem);
    const words = tokenize('amt_no_dt_desc_id_cd_st_qty_'.repeat(2));
    const readings = readingsOf(words, lexicon);
    expect(readings[0]).toEqual(words);
    expect(readings.flat().length).toBeLessThanOrEqual(40);
    expect(readingsOf(['cust', 'nm'], lexicon).length).toBeGreaterThan(1);
  });

  it('takes long names that begin alike for two names', () => {
    const long = 'x'.repeat(300);
    expect(normalizedName(`${long}a`)).not.toBe(normalizedName(`${long}b`));
    expect(normalizedName(`${'someWord '.repeat(20)}End`)).toBe(
      normalizedName(`${'SOME_WORD_'.repeat(20)}END`),
    );
  });

  it('gives names that have nothing in common next to nothing', () => {
    expect(like('pipeline', 'ticker')).toBeLessThan(0.15);
  });

  it.each([
    ['quantity', 'quantty', 0.82],
    ['01', '1', 1],
    ['gender', 'sex', 0.8],
    ['mgmt', 'management', 0.7],
    ['abcdefghij', 'aqrstuvwxy', 0],
  ])('knows how alike the words %s and %s are', (a, b, likeness) => {
    expect(tokenSimilarity(a, b, createLexicon(stem))).toBeCloseTo(likeness, 1);
    expect(tokenSimilarity(b, a, createLexicon(stem))).toBe(tokenSimilarity(a, b, createLexicon(stem)));
  });

  it('reads a run of letters as beginnings of words only in their order and without a rest', () => {
    expect(cutAlignment('custnum', ['customer', 'number'])).toBeGreaterThan(0.6);
    expect(cutAlignment('numcust', ['customer', 'number'])).toBe(0);
    expect(cutAlignment('custnumx', ['customer', 'number'])).toBe(0);
  });
});
