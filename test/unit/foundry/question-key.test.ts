import { expect, it } from 'vitest';
import { questionKey } from '../../../src/foundry/question-key.ts';

it.each([
  ['How many deals?', 'how many deals'],
  ['  HOW   many\ndeals ?! ', 'how many deals'],
  ['“How many” (deals)', 'How many deals.'],
  ['Ｈow many deals', 'how many deals'],
  ['Flights to JFK, LGA', 'flights to JFK LGA'],
])('%j and %j are one question', (a, b) => {
  expect(questionKey(a)).toBe(questionKey(b));
});

it.each([
  ['growth > 5', 'growth < 5'],
  ['more than 1.5', 'more than 15'],
  ['more than .5', 'more than 5'],
  ['above -5', 'above 5'],
  ['5%', '5'],
  ['C++ jobs', 'C jobs'],
  ['deals at 10:30', 'deals at 1030'],
  ['deal', 'deals'],
])('%j and %j are two', (a, b) => {
  expect(questionKey(a)).not.toBe(questionKey(b));
});
