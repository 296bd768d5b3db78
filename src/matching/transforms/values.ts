import type { FieldProfile } from '../../domain/mapping.ts';
import { typeFamily } from '../type-families.ts';
import { quoted } from './transform-proposal.ts';

export type SourceColumn = FieldProfile & {
  name: string;
  /** As format_type() prints it; absent: the stream is not staged yet. */
  stagingType?: string;
};

/** What `v` is in the expression. */
export type ValueKind =
  | 'text'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'boolean'
  | 'nested'
  | 'datetime'
  | 'date'
  | 'other';

/** The sample values as a transform meets them. */
export interface SourceValues {
  /** null: neither staging, nor samples, nor the declared type say. */
  kind: ValueKind | null;
  /** Trimmed; without nulls, blanks and words for nothing. */
  texts: readonly string[];
  /** Words for nothing that occur, in lower case. */
  nullWords: readonly string[];
  /** Some are spaces only. */
  hasBlanks: boolean;
  hasNulls: boolean;
  /** Some have spaces around them. */
  hasSpaces: boolean;
}

/** What people write when there is no value. */
const NULL_WORDS = new Set([
  'null',
  'none',
  'nan',
  'n/a',
  'na',
  '#n/a',
  'nil',
  '-',
  '--',
  '\u2014',
  '?',
  'undefined',
  '(null)',
  '\\n',
]);
const LONGEST = 300;
/** A few stray values do not hide what a column is; the trial on samples counts them. */
const MOSTLY = 0.9;

const STAGING: readonly [RegExp, ValueKind][] = [
  [/^(?:bigint|integer|smallint)$/, 'integer'],
  [/^numeric/, 'decimal'],
  [/^(?:double precision|real)$/, 'float'],
  [/^boolean$/, 'boolean'],
  [/^jsonb?$|\[\]$/, 'nested'],
  [/^timestamp/, 'datetime'],
  [/^date$/, 'date'],
  [/^(?:time|bytea)/, 'other'],
];

export function valuesOf(source: SourceColumn): SourceValues {
  const kind = kindOf(source);
  const present = (source.samples ?? []).filter((value) => value !== null && value !== undefined);
  const raw = present.map(rawText);
  const trimmed = raw.map((text) => text.trim()).filter((text) => text !== '');
  const texts = trimmed.filter((text) => !NULL_WORDS.has(text.toLowerCase()));
  return {
    kind,
    texts,
    nullWords: [...new Set(trimmed.map((text) => text.toLowerCase()).filter((text) => NULL_WORDS.has(text)))],
    hasBlanks: raw.some((text) => text !== '' && text.trim() === ''),
    hasNulls: present.length < (source.samples?.length ?? 0),
    hasSpaces: kind === 'text' && raw.some((text) => text !== text.trim()),
  };
}

/** Nearly all of at least one. */
export function mostly(texts: readonly string[], test: (text: string) => boolean): boolean {
  return texts.length > 0 && texts.filter(test).length >= MOSTLY * texts.length;
}

export function isTextual({ kind }: SourceValues): boolean {
  return kind === 'text' || kind === null;
}

export function isNumeric({ kind }: SourceValues): boolean {
  return kind === 'integer' || kind === 'decimal' || kind === 'float';
}

/** `answer` for a value, None for what says that there is none. */
export function orNone(answer: string, { kind, nullWords }: SourceValues): string {
  if (kind === null) return `${answer} if v not in (None, '') else None`;
  if (kind !== 'text') return `${answer} if v is not None else None`;
  if (nullWords.length === 0) return `${answer} if v and v.strip() else None`;
  const words = ['', ...nullWords].map(quoted).join(', ');
  return `${answer} if v and v.strip().lower() not in (${words}) else None`;
}

/** A pattern that knows no more than `if v`, unless the samples need more. */
export function patternOrNone(pattern: string, answer: string, values: SourceValues): string {
  return values.hasBlanks || values.nullWords.length > 0 ? orNone(answer, values) : pattern;
}

export function nullNote({ nullWords }: SourceValues): string {
  return nullWords.length > 0 ? ` ${nullWords.map((word) => `"${word}"`).join(', ')} becomes null.` : '';
}

function rawText(value: unknown): string {
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).slice(0, LONGEST);
}

function kindOf({ stagingType, samples = [], type }: SourceColumn): ValueKind | null {
  if (stagingType !== undefined) return STAGING.find(([pattern]) => pattern.test(stagingType))?.[1] ?? 'text';
  const present = samples.filter((value) => value !== null && value !== undefined);
  if (present.length > 0) return kindOfSamples(present);
  return kindOfType(type);
}

function kindOfSamples(samples: readonly unknown[]): ValueKind {
  const all = (test: (value: unknown) => boolean) => samples.every(test);
  if (all((value) => typeof value === 'boolean')) return 'boolean';
  if (all((value) => typeof value === 'bigint' || Number.isInteger(value))) return 'integer';
  if (all((value) => typeof value === 'number')) return 'float';
  return all((value) => typeof value === 'object') ? 'nested' : 'text';
}

function kindOfType(type: string | undefined): ValueKind | null {
  switch (typeFamily(type)) {
    case 'text':
      return 'text';
    case 'number':
      return /^(?:u?int|long|big|small|tiny|serial)/i.test(type ?? '') ? 'integer' : 'decimal';
    case 'boolean':
      return 'boolean';
    case 'nested':
      return 'nested';
    case 'time':
      return /^date$/i.test(type ?? '') ? 'date' : 'datetime';
    case 'binary':
      return 'other';
    case null:
      return null;
  }
}
