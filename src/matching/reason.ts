import type { Evidence } from './score.ts';

interface Found {
  known: 'decided' | 'exact' | null;
  evidence: Evidence;
  /** Another field that fits the same column nearly as well. */
  contested: string | null;
}

/** Why a column was proposed, in one sentence or two for the person who reviews it. */
export function reasonFor({ known, evidence, contested }: Found): string {
  if (known === 'decided') return 'A reviewer chose this column for this field before.';
  const grounds = [
    known === 'exact' ? 'the names are the same' : nameGround(evidence.name),
    evidence.values >= 0.3 ? 'the sample values are alike' : null,
    evidence.description >= 0.3 ? 'the descriptions are about the same thing' : null,
  ].filter((ground) => ground !== null);
  const first = grounds.length === 0 ? 'weak signs only' : grounds.join(', ');
  const doubts = [
    evidence.types < 0.85 ? 'The types fit badly: look at the values.' : null,
    contested === null ? null : `"${contested}" fits the same column nearly as well.`,
  ].filter((doubt) => doubt !== null);
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}.`, ...doubts].join(' ');
}

function nameGround(name: number): string | null {
  if (name >= 0.75) return 'the names mean the same';
  if (name >= 0.5) return 'the names share their telling words';
  return name >= 0.3 ? 'the names are loosely alike' : null;
}
