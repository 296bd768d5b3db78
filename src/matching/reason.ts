import type { Evidence } from './score.ts';

/** Another field that fits the same column. */
export interface Contender {
  field: string;
  score: number;
  /** Nearly as well as the one that got it. */
  isNear: boolean;
}

/** So many are named. */
const MOST_NAMED = 5;

interface Found {
  known: 'decided' | 'exact' | null;
  evidence: Evidence;
  /** What in the names speaks against it. */
  doubt: string | null;
  /** The likeliest first. */
  rivals: readonly Contender[];
}

/** Why a column was proposed, in one sentence or two for the person who reviews it. */
export function reasonFor({ known, evidence, doubt, rivals }: Found): string {
  if (known === 'decided') return 'A reviewer chose this column for this field before.';
  const grounds = [
    known === 'exact' ? 'the names are the same' : nameGround(evidence.name),
    evidence.values >= 0.3 ? 'the sample values are alike' : null,
    evidence.description >= 0.3 ? 'the descriptions are about the same thing' : null,
  ].filter((ground) => ground !== null);
  const first = grounds.length === 0 ? 'weak signs only' : grounds.join(', ');
  const doubts = [
    evidence.types < 0.85 ? 'The types fit badly: look at the values.' : null,
    doubt,
    contested(rivals),
  ].filter((doubt) => doubt !== null);
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}.`, ...doubts].join(' ');
}

function contested(rivals: readonly Contender[]): string | null {
  if (rivals.length === 0) return null;
  const isNear = rivals.every((rival) => rival.isNear);
  const verb = rivals.length === 1 ? 'fits' : 'fit';
  return `${namedFields(rivals.map(({ field }) => field))} ${verb} the same column ${isNear ? 'nearly as well' : 'too, less well'}.`;
}

/** `"a", "b" and 3 more` */
export function namedFields(fields: readonly string[]): string {
  const named = fields.slice(0, MOST_NAMED).map((field) => `"${field}"`);
  const more = fields.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}

function nameGround(name: number): string | null {
  if (name >= 0.75) return 'the names mean the same';
  if (name >= 0.5) return 'the names share their telling words';
  return name >= 0.3 ? 'the names are loosely alike' : null;
}
