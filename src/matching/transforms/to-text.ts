import type { FieldProfile } from '../../domain/mapping.ts';
import { textOf } from '../value-profile.ts';
import { NOTHING, PATTERNS, quoted, type TransformProposal } from './transform-proposal.ts';
import { isTextual, nullNote, orNone, patternOrNone, type SourceValues } from './values.ts';

type Target = FieldProfile & { name: string };

/** A column with more kinds of values is no list of codes. */
const MOST_CODES = 40;
/** Words that are never a value, where a column of text has others: "NA" is Namibia, "none" may be a choice. */
const NEVER_TEXT = new Set(['null', 'n/a', '#n/a', 'undefined', 'nil', '-', '--', '\u2014', '(null)', '\\n']);

interface Spelling {
  spell(text: string): string;
  answer: string;
  says: string;
}

const SPELLINGS: readonly Spelling[] = [
  { spell: (text) => text.toUpperCase(), answer: 'v.strip().upper()', says: 'upper-case codes' },
  { spell: (text) => text.toLowerCase(), answer: 'v.strip().lower()', says: 'lower-case codes' },
  ...[' ', '-', '_'].flatMap((from) => [
    {
      spell: (text: string) => text.toUpperCase().replaceAll(from, from === '_' ? ' ' : '_'),
      answer: `v.strip().upper().replace('${from}', '${from === '_' ? ' ' : '_'}')`,
      says: `upper-case codes with "${from === '_' ? ' ' : '_'}"`,
    },
    {
      spell: (text: string) => text.toLowerCase().replaceAll(from, from === '_' ? ' ' : '_'),
      answer: `v.strip().lower().replace('${from}', '${from === '_' ? ' ' : '_'}')`,
      says: `lower-case codes with "${from === '_' ? ' ' : '_'}"`,
    },
  ]),
];

export function toText(values: SourceValues, target: Target): TransformProposal {
  if (!isTextual(values)) return NOTHING;
  const known = { ...values, nullWords: values.nullWords.filter((word) => NEVER_TEXT.has(word)) };
  const codes = [...new Set((target.samples ?? []).map(textOf).filter((text) => /\p{L}/u.test(text)))];
  return toCodes(known, codes) ?? trimmed(known);
}

/** Into the spelling of the column's codes, by a rule where one serves, else one by one. */
function toCodes(values: SourceValues, codes: readonly string[]): TransformProposal | null {
  const seen = [...new Set(values.texts)];
  if (codes.length < 2 || seen.length > MOST_CODES) return null;
  const has = new Set(codes);
  if (seen.length > 0 && seen.every((text) => has.has(text))) return null;
  const meant = new Map(codes.map((code) => [bare(code), code]));
  const matched = seen.filter((text) => meant.has(bare(text)));
  if (matched.length === 0) return inCase(values, codes);
  const rule = SPELLINGS.find(({ spell }) => matched.every((text) => has.has(spell(text))));
  if (rule) return byRule(rule, values);
  return oneByOne(
    values,
    matched.map((text) => [text, meant.get(bare(text)) ?? text]),
    seen.length - matched.length,
  );
}

function byRule(rule: Spelling, values: SourceValues): TransformProposal {
  return {
    expression: patternOrNone(`${rule.answer} if v else None`, rule.answer, values),
    note: `The column holds ${rule.says}.${nullNote(values)}`,
  };
}

/** None of the values is known: only the case of the codes tells something. */
function inCase(values: SourceValues, codes: readonly string[]): TransformProposal | null {
  const isUpper = codes.every((code) => code === code.toUpperCase());
  const fits = values.texts.length > 0 && values.texts.every((text) => text === text.toUpperCase());
  if (!isUpper || fits) return null;
  return {
    expression: patternOrNone(PATTERNS.upper, 'v.strip().upper()', values),
    note: `The column holds upper-case codes.${nullNote(values)}`,
  };
}

function oneByOne(values: SourceValues, pairs: [string, string][], unknown: number): TransformProposal {
  const changed = pairs.filter(([from, to]) => from !== to);
  const table = changed.map(([from, to]) => `${quoted(from)}: ${quoted(to)}`).join(', ');
  const rest = unknown > 0 ? ` ${unknown} of the values seen have no code in it and stay as they are.` : '';
  return {
    expression: orNone(`{${table}}.get(v.strip(), v.strip())`, values),
    note: `The column's samples have other spellings of these values.${rest}${nullNote(values)}`,
  };
}

function trimmed(values: SourceValues): TransformProposal {
  if (values.nullWords.length > 0 && values.texts.length > 0)
    return {
      expression: orNone('v.strip()', values),
      note: `Some values say that there is none.${nullNote(values)}`,
    };
  return values.hasSpaces
    ? { expression: PATTERNS.trim, note: 'The sample values have spaces around them.' }
    : NOTHING;
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
