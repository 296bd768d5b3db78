import { type Check, type Rule, sizeLimits } from './check.ts';
import { patternTest } from './pattern-test.ts';
import { stringOf } from './read-value.ts';

/** minLength and maxLength, in characters. */
export const lengthRule: Rule = (schema) => {
  const within = sizeLimits(schema, 'Length');
  if (!within) return null;
  return (value, path) => {
    const text = stringOf(value);
    return text === null || within(charactersOf(text)) ? null : `${path}: its length is outside the limits`;
  };
};

export const patternRule: Rule = ({ pattern }) => {
  if (typeof pattern !== 'string') return null;
  const test = patternTest(pattern);
  const check: Check = (value, path) => {
    const text = stringOf(value);
    if (text === null) return null;
    const found = test(text);
    if (found === 'too slow') return `${path}: its pattern takes too long on this text`;
    return found ? null : `${path}: does not match its pattern`;
  };
  return check;
};

function charactersOf(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length - 1; at += 1) {
    const high = text.charCodeAt(at);
    if (high < 0xd800 || high > 0xdbff) continue;
    const low = text.charCodeAt(at + 1);
    if (low >= 0xdc00 && low <= 0xdfff) pairs += 1;
  }
  return text.length - pairs;
}
