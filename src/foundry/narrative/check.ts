import { type Answered, factsOf, isProven } from './facts.ts';
import { plainText } from './plain-text.ts';
import { sentencesOf } from './sentences.ts';
import { spokenNumbers } from './spoken-numbers.ts';

const MAX_CHARACTERS = 900;
const MAX_SENTENCES = 3;
/** Digits of other scripts, fractions, circled numbers: they would be read and cannot be checked. */
const UNREADABLE = /(?![\d])\p{N}/u;

/**
 * A model's sentences about an answer, as plain text, without those that say a number the answer does not have. null: nothing is left, or the
 * first sentence fell and what follows it may hang in the air.
 */
export function checkedNarrative(text: string, answered: Answered): string | null {
  const facts = factsOf(answered);
  const plain = plainText(text.normalize('NFKC'), MAX_CHARACTERS);
  const sentences = sentencesOf(plain).slice(0, MAX_SENTENCES);
  const isTrue = (sentence: string) => {
    const bare = withoutTexts(sentence.toLowerCase(), facts.texts);
    return !UNREADABLE.test(bare) && spokenNumbers(bare).every((number) => isProven(number, facts));
  };
  const kept = sentences.filter(isTrue);
  return kept.length > 0 && kept[0] === sentences[0] ? kept.join(' ') : null;
}

/** What the answer says of itself word for word is no claim: "737-800", "Q3 2024". */
function withoutTexts(sentence: string, texts: readonly string[]): string {
  let left = sentence;
  for (const text of texts) {
    if (!left.includes(text)) continue;
    const whole = new RegExp(`(?<![\\d\\p{L}.,])${escaped(text)}(?![\\d\\p{L}]|[.,]\\d)`, 'gu');
    left = left.replaceAll(whole, ' ');
  }
  return left;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
