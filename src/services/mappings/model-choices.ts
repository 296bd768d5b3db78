import { z } from 'zod';
import { CONFIDENCE, type FieldProfiles } from '../../domain/mapping.ts';
import { normalizedName } from '../../matching/name-tokens.ts';
import type { FieldQuestion } from '../../matching/prompt.ts';
import type { Candidate } from '../../matching/rank.ts';
import type { ModelChoice } from './proposals.ts';

/** What is read of each entry; an entry of another shape is left out, not the whole answer. */
const Entry = z.object({
  source_field: z.string(),
  target_column: z.string().nullish(),
  confidence: z.number().catch(0),
  transform_fn: z.string().nullish().catch(null),
  reason: z.string().catch(''),
});

/** What a model says of one field; column null: none fits. */
export interface Claim {
  field: string;
  column: string | null;
  confidence: number;
  transform: string | null;
  reason: string;
  /** From a question about this field only, whose name could be read as an order. */
  isAlone: boolean;
}

const REASON_CHARACTERS = 300;
/** As likely a match as the matcher proposes at all. */
const LIKELY = 0.4;

/** Of an answer what was asked for: fields of the question, columns it offered, each field once, the surest of its entries. */
export function claimsOf(entries: readonly unknown[], question: FieldQuestion): Claim[] {
  const read = entries.flatMap((entry) => {
    const parsed = Entry.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });
  const claims = new Map<string, Claim>();
  for (const entry of read.sort((a, b) => b.confidence - a.confidence)) {
    const field = question.fieldNamed(entry.source_field);
    const column = entry.target_column == null ? null : question.columnNamed(entry.target_column);
    if (field === undefined || column === undefined || claims.has(field)) continue;
    const { confidence, transform_fn: transform = null } = entry;
    const reason = plainText(entry.reason);
    claims.set(field, { field, column, confidence, transform, reason, isAlone: question.isAlone });
  }
  return [...claims.values()];
}

/**
 * Each column to one field: the surer claim, then the one the matcher finds likelier. A field that was asked about alone takes no
 * column from any other. What loses is left to the matcher.
 */
export function settleClaims(
  claims: readonly Claim[],
  { target, ranking }: { target: FieldProfiles; ranking: Record<string, readonly Candidate[]> },
): Map<string, ModelChoice> {
  const likelihood = ({ field, column }: Claim) =>
    ranking[field]?.find((candidate) => candidate.column === column)?.score ?? 0;
  const claimed = claims.map((claim) => ({
    ...claim,
    sure: claim.column === null ? 0 : banded(claim.confidence, claim.field, claim.column, target),
    likelihood: likelihood(claim),
  }));
  claimed.sort(
    (a, b) => Number(a.isAlone) - Number(b.isAlone) || b.sure - a.sure || b.likelihood - a.likelihood,
  );
  const choices = new Map<string, ModelChoice>();
  const taken = new Set<string>();
  for (const { field, column, sure, transform, reason, isAlone } of claimed) {
    if (column === null) {
      if (!hasNamesake(field, target)) choices.set(field, null);
    } else if (
      !taken.has(column.toLowerCase()) &&
      !(isAlone && isLikelierElsewhere(field, column, ranking))
    ) {
      taken.add(column.toLowerCase());
      choices.set(field, { column, confidence: sure, transform, reason });
    }
  }
  return choices;
}

/** The documented bands; 1.0 only for a name the column has or is known by. */
function banded(confidence: number, field: string, column: string, target: FieldProfiles): number {
  const names = [column, ...(target[column]?.aliases ?? [])].map(normalizedName);
  if (confidence >= CONFIDENCE.inferred && names.includes(normalizedName(field))) return CONFIDENCE.exact;
  if (confidence >= 0.85) return CONFIDENCE.semantic;
  if (confidence >= CONFIDENCE.inferred) return CONFIDENCE.inferred;
  return Math.max(0, Math.min(0.69, Math.round(confidence * 100) / 100)) || 0;
}

/** That no column fits is not believed of a field that has a column of its own name. */
function hasNamesake(field: string, target: FieldProfiles): boolean {
  const name = normalizedName(field);
  return name !== '' && Object.keys(target).some((column) => normalizedName(column) === name);
}

function isLikelierElsewhere(
  field: string,
  column: string,
  ranking: Record<string, readonly Candidate[]>,
): boolean {
  return Object.entries(ranking).some(([other, candidates]) => {
    const [first] = candidates;
    return other !== field && first?.column === column && first.score >= LIKELY;
  });
}

/** One line without markup, links and invisible characters: it is shown to whoever reviews the mapping. */
function plainText(text: string): string {
  const plain = text
    .slice(0, 4 * REASON_CHARACTERS)
    .replace(/<[^>]*>/g, '')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[link]')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  const characters = [...plain];
  return characters.length <= REASON_CHARACTERS
    ? plain
    : `${characters.slice(0, REASON_CHARACTERS - 1).join('')}…`;
}
