import { CONFIDENCE, type FieldProfiles } from '../domain/mapping.ts';
import { assign } from './assign.ts';
import { createNameDoubt } from './name-doubts.ts';
import { normalizedName } from './name-tokens.ts';
import type { Candidate } from './rank.ts';
import { type Contender, reasonFor } from './reason.ts';
import { type Evidence, type ScoreMatrix, type ScoreOptions, scorePairs } from './score.ts';

export interface Match {
  sourceField: string;
  targetColumn: string;
  /** One of the documented bands, or below 0.7. */
  confidenceScore: number;
  reason: string;
  /** The next likeliest columns, at most three. */
  alternatives: Candidate[];
  evidence: Evidence;
}

export interface MatchOptions extends ScoreOptions {
  /** Source field -> column a person chose before; taken over at 1.0. */
  decided?: ReadonlyMap<string, string>;
  /** Columns no source may get: held by reviewed mappings. */
  reserved?: ReadonlySet<string>;
}

/** A field that lost its own column to another field takes no leftover this much less likely. */
const SECOND_CHOICE = 0.25;
/** A field this near to the one that got the column is named to the reviewer. */
const CONTESTED = 0.15;
/** A number among dates is at 0.8. */
const WELL_TYPED = 0.85;
const ELSEWHERE = { own: 0.1, other: 0.4 };
/** Set on the labelled sets of test/fixtures/mapping (docs/mapping.md): what each band promises. */
const LEAST = { semantic: 0.76, semanticMargin: 0.1, inferred: 0.6, inferredMargin: 0.03, uncertain: 0.42 };

/** Proposes at most one column a field and one field a column. A field nothing fits gets none. In the order of the source. */
export function matchFields(
  source: FieldProfiles,
  target: FieldProfiles,
  options: MatchOptions = {},
): Match[] {
  const matrix = scorePairs(source, target, options);
  const open = withoutReserved(matrix, options.reserved ?? new Set());
  const decided = positions(open, options.decided ?? new Map());
  const exact = exactNames(matrix, target, decided, options.reserved ?? new Set());
  const { targetOf, sourceOf } = assign(open, {
    floor: LEAST.uncertain,
    fixed: new Map([...exact, ...decided]),
  });
  const doubt = createNameDoubt();
  const favourites = favouritesOf(open);
  return matrix.sources.flatMap((sourceField, row) => {
    const column = targetOf[row] ?? -1;
    if (column === -1) return [];
    const evidence = matrix.evidence(row, column);
    const rivals = rivalsOf(open, { row, column, sourceOf, favourites });
    const known = decided.has(row) ? 'decided' : exact.get(row) === column ? 'exact' : null;
    if (known === null && rivals.better > SECOND_CHOICE) return [];
    const targetColumn = matrix.targets[column] ?? '';
    const doubted =
      known === null && namesOf(target, targetColumn).every((name) => doubt(sourceField, name) !== null)
        ? doubt(sourceField, targetColumn)
        : null;
    return [
      {
        sourceField,
        targetColumn,
        confidenceScore: confidence(known, evidence, {
          margin: rivals.margin,
          isElsewhere: known === 'exact' && valuesAreElsewhere(matrix, row, evidence),
          isDoubted: doubted !== null,
        }),
        reason: reasonFor({ known, evidence, doubt: doubted, rivals: rivals.contenders }),
        alternatives: rivals.alternatives,
        evidence,
      },
    ];
  });
}

interface Doubts {
  /** How much likelier the column is than any other for the field, and the field than any other for the column. */
  margin: number;
  /** The field's values are another column's. */
  isElsewhere: boolean;
  /** Something in the names speaks against it. */
  isDoubted: boolean;
}

function namesOf(target: FieldProfiles, column: string): string[] {
  return [column, ...(target[column]?.aliases ?? [])];
}

function confidence(
  known: 'decided' | 'exact' | null,
  evidence: Evidence,
  { margin, isElsewhere, isDoubted }: Doubts,
): number {
  if (known === 'decided') return CONFIDENCE.exact;
  if (known === 'exact')
    return evidence.types >= 0.8 && !isElsewhere ? CONFIDENCE.exact : CONFIDENCE.semantic;
  const { score } = evidence;
  if (!isDoubted && score >= LEAST.semantic && margin >= LEAST.semanticMargin) return CONFIDENCE.semantic;
  if (!isDoubted && score >= LEAST.inferred && margin >= LEAST.inferredMargin) return CONFIDENCE.inferred;
  const share = Math.min(1, (score - LEAST.uncertain) / (LEAST.semantic - LEAST.uncertain));
  return Math.round((0.3 + 0.35 * share) * 100) / 100;
}

/** A field named like one column whose values are nothing like it and much like another's: "ethnicity" that holds races. */
function valuesAreElsewhere(matrix: ScoreMatrix, row: number, own: Evidence): boolean {
  if (own.values >= ELSEWHERE.own) return false;
  return matrix.targets.some((_, column) => matrix.evidence(row, column).values >= ELSEWHERE.other);
}

/** Names that are the same once written the same way; the column's own name before its other names, the first field of equals. */
function exactNames(
  matrix: ScoreMatrix,
  target: FieldProfiles,
  decided: ReadonlyMap<number, number>,
  reserved: ReadonlySet<string>,
): Map<number, number> {
  const keys = new Map<number, number>();
  const taken = new Set(decided.values());
  const columns = [...matrix.targets.entries()].filter(([, name]) => !reserved.has(name));
  const names = columns.map(([column, name]) => ({ column, name }));
  const aliases = columns.flatMap(([column, name]) =>
    (target[name]?.aliases ?? []).map((alias) => ({ column, name: alias })),
  );
  const passes = [
    { known: names, spell: (name: string) => name },
    { known: names, spell: normalizedName },
    { known: aliases, spell: normalizedName },
  ];
  for (const { known, spell } of passes) {
    const byName = new Map(known.toReversed().map(({ column, name }) => [spell(name), column]));
    for (const [row, field] of matrix.sources.entries()) {
      const spelled = spell(field);
      const column = spelled === '' ? undefined : byName.get(spelled);
      if (column === undefined || taken.has(column) || keys.has(row) || decided.has(row)) continue;
      keys.set(row, column);
      taken.add(column);
    }
  }
  return keys;
}

interface Taken {
  row: number;
  column: number;
  sourceOf: Int32Array;
  /** For each source its likeliest column, or -1. */
  favourites: Int32Array;
}

function rivalsOf(matrix: ScoreMatrix, { row, column, sourceOf, favourites }: Taken) {
  const others = matrix.targets
    .map((name, at) => ({ column: name, score: matrix.score(row, at), at }))
    .filter(({ at, score }) => at !== column && score > 0.05)
    .sort((a, b) => b.score - a.score);
  const free = others.find(({ at }) => (sourceOf[at] ?? -1) === -1);
  const own = matrix.score(row, column);
  const contenders: Contender[] = [];
  let nearest = 0;
  for (const [at, field] of matrix.sources.entries()) {
    const score = at === row ? 0 : matrix.score(at, column);
    nearest = Math.max(nearest, score);
    const isNear = score > own - CONTESTED;
    if (score >= LEAST.uncertain && (isNear || favourites[at] === column))
      contenders.push({ field, score, isNear });
  }
  return {
    /** By how much its likeliest column, held by another field, is likelier than this one. */
    better: (others[0]?.score ?? 0) - own,
    margin: own - Math.max(free?.score ?? 0, nearest),
    contenders: contenders.sort((a, b) => b.score - a.score),
    alternatives: others
      .toSorted((a, b) => Number(holds(matrix, row, b.at)) - Number(holds(matrix, row, a.at)))
      .slice(0, 3)
      .map(({ column, score }) => ({ column, score: Math.round(score * 100) / 100 })),
  };
}

/** Columns that cannot hold the field's values come last. */
function holds(matrix: ScoreMatrix, row: number, column: number): boolean {
  return matrix.evidence(row, column).types >= WELL_TYPED;
}

function favouritesOf(matrix: ScoreMatrix): Int32Array {
  const found = new Int32Array(matrix.sources.length).fill(-1);
  for (const row of matrix.sources.keys()) {
    let best = 0;
    for (const column of matrix.targets.keys()) {
      const score = matrix.score(row, column);
      if (score > best) [best, found[row]] = [score, column];
    }
  }
  return found;
}

function positions(matrix: ScoreMatrix, decided: ReadonlyMap<string, string>): Map<number, number> {
  const found = new Map<number, number>();
  for (const [field, column] of decided) {
    const row = matrix.sources.indexOf(field);
    const at = matrix.targets.indexOf(column);
    if (row !== -1 && at !== -1 && ![...found.values()].includes(at)) found.set(row, at);
  }
  return found;
}

function withoutReserved(matrix: ScoreMatrix, reserved: ReadonlySet<string>): ScoreMatrix {
  const closed = matrix.targets.map((name) => reserved.has(name));
  return { ...matrix, score: (row, column) => (closed[column] ? 0 : matrix.score(row, column)) };
}
