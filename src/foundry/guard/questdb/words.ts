import type { Branch } from '../branch.ts';
import { refuse } from '../verdict.ts';
import { TYPES } from './functions.ts';

/** A name whose end the engine could see elsewhere than the parser does is not printed: quotes, line ends, strange spaces. */
const NAME = /^[^"'`\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufffd]{1,127}$/u;
const DURATION = /^'?\d{1,9}'? ?(?:[a-zA-Z]{1,12})$/;
const FILL = /^(?:null|prev|linear|none|-?\d+(?:\.\d+)?)$/i;
const ZONE = /^[A-Za-z0-9_+\-/: ]{0,64}$/;
const NUMBER = /^(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[LlDd]?$/;
const OPERATOR =
  /^(?:[-+*/%&|^~<>=]|<=|>=|!=|<>|!~|\|\||<<|>>|and|or|not|like|ilike|not like|not ilike|union|except|intersect)$/i;
const WORDS = /^[A-Za-z_ ]{0,40}$/;

const RULES: Record<string, RegExp> = {
  name: NAME,
  alias: NAME,
  parts: NAME,
  timestampDesignation: NAME,
  duration: DURATION,
  tolerance: DURATION,
  fill: FILL,
  timeZone: ZONE,
  offset: ZONE,
  operator: OPERATOR,
};

/** Refuses a text that would be printed as it is and is more than it should be. */
export function checkText(owner: Branch, key: string, text: string): void {
  if (owner['type'] === 'literal') {
    checkLiteral(owner, key, text);
  } else if (key === 'dataType') {
    const type = text.toLowerCase().replace(/(?:\[\])+$/, '');
    const isGeohash = /^geohash\(\d{1,2}[bc]\)$/.test(type) || /^decimal\(\d{1,2}, ?\d{1,2}\)$/.test(type);
    if (!TYPES.has(type) && !isGeohash)
      refuse('guard.construct_refused', 'The query casts to a type that is not known.');
  } else if (!(RULES[key] ?? WORDS).test(text))
    refuse('guard.construct_refused', 'The query holds a word or a name that cannot be printed safely.');
}

function checkLiteral({ literalType }: Branch, key: string, text: string): void {
  const isKnown =
    key === 'literalType'
      ? ['string', 'number', 'boolean', 'null', 'geohash', 'duration'].includes(text)
      : literalType === 'string' ||
        (literalType === 'geohash' && /^##?[0-9a-z]{1,60}(?:\/\d{1,2})?$/i.test(text)) ||
        (literalType === 'duration' && DURATION.test(text)) ||
        (literalType === 'number' && NUMBER.test(text));
  if (!isKnown)
    refuse('guard.construct_refused', 'The query holds a constant that cannot be printed safely.');
}
