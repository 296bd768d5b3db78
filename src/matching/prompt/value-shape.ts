import { profileValues } from '../value-profile.ts';

const MOST_SAMPLES = 100;
const LONGEST = 24;
const SHOWN = 2;
/** With so many samples and so few distinct ones a field is an enum or a flag. */
const FEW = { samples: 10, distinct: 6 };

/**
 * What sample values look like, without any of them: their kind and their commonest patterns, in which every letter is A or a, every digit 9
 * and runs are shortened ("date: 9999-99-99", "text: A-9{6}"). null: there are no samples.
 */
export function valueShape(samples: readonly unknown[] = []): string | null {
  const texts = samples.slice(0, MOST_SAMPLES).filter((text) => typeof text === 'string' && text !== '');
  const { kind, count, distinct } = profileValues(texts);
  if (kind === null) return null;
  const counts = new Map<string, number>();
  for (const text of texts) {
    const mask = maskOf(String(text));
    counts.set(mask, (counts.get(mask) ?? 0) + 1);
  }
  const commonest = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, SHOWN);
  const masks = kind === 'nested' ? '' : `: ${commonest.map(([mask]) => mask).join(' | ')}`;
  const isFew = count >= FEW.samples && distinct.size <= FEW.distinct;
  return `${kind}${masks}${isFew ? ' (few distinct)' : ''}`;
}

function maskOf(text: string): string {
  return text
    .slice(0, 80)
    .replace(/\p{Lu}+/gu, 'A')
    .replace(/[\p{L}\p{M}]+/gu, (run) => (run === 'A' ? 'A' : 'a'))
    .replace(/\s+/gu, ' ')
    .replace(/[^Aa\p{N} ,.:;/+%$€£@#()_-]/gu, '?')
    .replace(/\p{N}+/gu, (run) => (run.length > 4 ? `9{${run.length}}` : '9'.repeat(run.length)))
    .slice(0, LONGEST);
}
