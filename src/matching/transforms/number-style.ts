import { mostly } from './values.ts';

/** How numbers are written as text, and what makes Python's numbers of them. */
export interface NumberStyle {
  /** Replacements in order; of "%" everything at the end that is one. */
  steps: readonly { from: string; to: string }[];
  /** What the samples have, to complete "The sample values ...". */
  says: readonly string[];
  percent: boolean;
  /** Whether one of these texts has digits after its point. */
  fraction(text: string): boolean;
}

const CURRENCY =
  /[$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd]|\b(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|CNY|SEK|NOK|DKK|PLN)\b/g;
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const COMMA_GROUPS = /^[+-]?[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?$/;
const POINT_GROUPS = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/;
const COMMA_DECIMALS = /^[+-]?\d+(?:,\d+)?$/;
const SPACES = [' ', '\u00a0', '\u202f', "'", '\u2019'];

/** Nearly all samples read the same way; null: they are no numbers, or in no one style. `whole`: the column holds whole numbers. */
export function readNumberStyle(
  texts: readonly string[],
  { whole }: { whole: boolean },
): NumberStyle | 'currencies' | null {
  const currencies = [...new Set(texts.flatMap((text) => text.match(CURRENCY) ?? []))];
  if (currencies.length > 1) return 'currencies';
  const spaces = SPACES.filter((space) => texts.some((text) => new RegExp(`\\d${space}\\d{3}`).test(text)));
  const bare = (text: string) => digitsOf(text, spaces);
  const digits = texts.map(bare);
  const marks = marksOf(digits, whole);
  if (marks === null) return null;
  const percent = mostly(texts, (text) => /\d\s*%$/.test(text));
  if (!percent && texts.some((text) => text.endsWith('%'))) return null;
  const negatives = texts.some((text) => /\(.*\d.*\)/.test(text));
  return {
    steps: [
      ...(percent ? [{ from: '%', to: '' }] : []),
      ...currencies.map((from) => ({ from, to: '' })),
      ...(negatives
        ? [
            { from: '(', to: '-' },
            { from: ')', to: '' },
          ]
        : []),
      ...spaces.map((from) => ({ from, to: '' })),
      ...marks.steps,
    ],
    says: [
      ...(percent ? ['end in "%"'] : []),
      ...(currencies.length > 0 ? [`are amounts in ${currencies[0]}`] : []),
      ...(negatives ? ['have negatives in parentheses'] : []),
      ...(spaces.length > 0 ? ['have spaces or apostrophes between thousands'] : []),
      ...marks.says,
    ],
    percent,
    fraction: (text) => bare(text).includes(marks.decimal),
  };
}

/** Sign, digits, points and commas. */
function digitsOf(text: string, spaces: readonly string[]): string {
  const negative = /\(.*\d.*\)/.test(text);
  const bare = text.replace(CURRENCY, '').replace(/\s*%$/, '').replace(/[()]/g, '').trim();
  return (negative ? '-' : '') + spaces.reduce((rest, space) => rest.replaceAll(space, ''), bare);
}

interface Marks {
  steps: { from: string; to: string }[];
  says: string[];
  decimal: '.' | ',';
}

function marksOf(digits: readonly string[], whole: boolean): Marks | null {
  const pointGroups: Marks = {
    steps: [
      ...(digits.some((text) => /\.\d{3}/.test(text)) ? [{ from: '.', to: '' }] : []),
      ...(digits.some((text) => text.includes(',')) ? [{ from: ',', to: '.' }] : []),
    ],
    says: ['are written the European way, with a decimal comma or points between thousands'],
    decimal: ',',
  };
  if (mostly(digits, (text) => PLAIN.test(text))) {
    const grouped = digits.filter((text) => text.includes('.'));
    const isGrouped = whole && grouped.length > 0 && grouped.every((text) => POINT_GROUPS.test(text));
    return isGrouped ? pointGroups : { steps: [], says: [], decimal: '.' };
  }
  if (mostly(digits, (text) => PLAIN.test(text) || COMMA_GROUPS.test(text)))
    return { steps: [{ from: ',', to: '' }], says: ['have thousands separators'], decimal: '.' };
  return mostly(digits, (text) => POINT_GROUPS.test(text) || COMMA_DECIMALS.test(text)) ? pointGroups : null;
}
