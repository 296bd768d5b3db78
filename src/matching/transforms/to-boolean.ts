import { NOTHING, PATTERNS, quoted, type TransformProposal } from './transform-proposal.ts';
import { isNumeric, mostly, nullNote, orNone, type SourceValues } from './values.ts';

/** Each with its opposite: a word that is in none of them is rejected, not taken for no. */
const PAIRS = [
  ['true', 'false'],
  ['t', 'f'],
  ['yes', 'no'],
  ['y', 'n'],
  ['1', '0'],
  ['1.0', '0.0'],
  ['on', 'off'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['si', 'no'],
  ['s\u00ed', 'no'],
  ['sim', 'n\u00e3o'],
] as const;

export function toBoolean(values: SourceValues): TransformProposal {
  if (isNumeric(values)) return fromNumbers(values);
  if (values.kind !== 'text') return NOTHING;
  const words = [...new Set(values.texts.map((text) => text.toLowerCase()))];
  const known = PAIRS.filter((pair) => pair.some((word) => words.includes(word)));
  const meant = known.filter(([yes, no]) => words.includes(yes) || !isNoOfAnother(no, yes, words));
  if (!mostly(values.texts, (text) => meant.some((pair) => pair.some((word) => word === text.toLowerCase()))))
    return NOTHING;
  const answers = new Map(meant.flatMap(([yes, no]) => [[yes, 'True'] as const, [no, 'False'] as const]));
  const table = [...answers].map(([word, answer]) => `${quoted(word)}: ${answer}`).join(', ');
  return {
    expression: orNone(`{${table}}[v.strip().lower()]`, values),
    note: `The sample values are words for yes and no; any other word is rejected.${nullNote(values)}`,
  };
}

function fromNumbers(values: SourceValues): TransformProposal {
  if (values.texts.length === 0 || !values.texts.every((text) => /^[01](?:\.0+)?$/.test(text)))
    return NOTHING;
  const expression = values.hasNulls ? orNone(PATTERNS.boolean, values) : PATTERNS.boolean;
  return { expression, note: 'The sample values are 1 and 0.' };
}

/** "no" belongs to "yes" unless another language's yes is there. */
function isNoOfAnother(no: string, yes: string, words: readonly string[]): boolean {
  const sharing = PAIRS.filter((pair) => pair[1] === no && pair[0] !== yes);
  const first = PAIRS.find((pair) => pair[1] === no);
  return sharing.some((pair) => words.includes(pair[0])) || (sharing.length > 0 && first?.[0] !== yes);
}
