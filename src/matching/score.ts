import type { FieldProfiles } from '../domain/mapping.ts';
import { crossScores } from './cross-evidence.ts';
import { impliedKind, promiseKept } from './implied-kind.ts';
import { createLexicon } from './lexicon.ts';
import { nameScores } from './name-similarity.ts';
import { meaningful, stem, tokenize, tokenizeText } from './name-tokens.ts';
import { bagOf, cosines } from './sparse.ts';
import { typeAgreement, typeFamily } from './type-families.ts';
import { profileValues } from './value-profile.ts';
import { valueScores } from './value-similarity.ts';

/** What was found for one pair, each 0 to 1. */
export interface Evidence {
  score: number;
  name: number;
  values: number;
  description: number;
  types: number;
  /** Words of one side's name among the other's values. */
  cross: number;
}

export interface ScoreMatrix {
  sources: readonly string[];
  targets: readonly string[];
  score(source: number, target: number): number;
  evidence(source: number, target: number): Evidence;
}

export interface ScoreOptions {
  /** Words that say nothing here: the stream's and the table's names. */
  context?: readonly string[];
}

const VALUES_WEIGHT = 0.75;
const DESCRIPTION_WEIGHT = 0.5;
const CROSS_WEIGHT = 0.35;
const POSITION_WEIGHT = 0.008;

/** Scores every pair. Names carry most; values and descriptions add to them; types and values that contradict take away. */
export function scorePairs(
  source: FieldProfiles,
  target: FieldProfiles,
  { context = [] }: ScoreOptions = {},
): ScoreMatrix {
  const sources = Object.keys(source);
  const targets = Object.keys(target);
  const left = Object.values(source);
  const right = Object.values(target);
  const names = withAliases(nameScores(sources, targets, context), source, target, context);
  const leftValues = left.map((field) => profileValues(field.samples));
  const rightValues = right.map((field) => profileValues(field.samples));
  const values = valueScores(leftValues, rightValues);
  const leftPromises = sources.map(impliedKind);
  const rightPromises = targets.map(impliedKind);
  const descriptions = descriptionScores(source, target);
  const crossed = crossScores(source, target);
  const leftTypes = left.map((field) => typeFamily(field.type));
  const rightTypes = right.map((field) => typeFamily(field.type));
  const scores = new Float32Array(sources.length * targets.length);
  for (const row of sources.keys()) {
    for (const column of targets.keys()) scores[row * targets.length + column] = scoreOf(row, column);
  }
  return { sources, targets, evidence, score: (row, column) => scores[row * targets.length + column] ?? 0 };

  function scoreOf(row: number, column: number): number {
    const position = 1 - Math.abs(row / (sources.length || 1) - column / (targets.length || 1));
    return combined(grounds(row, column)) * (1 - POSITION_WEIGHT) + POSITION_WEIGHT * position;
  }
  function grounds(row: number, column: number) {
    const at = row * targets.length + column;
    const types = typeAgreement(leftTypes[row] ?? null, rightTypes[column] ?? null);
    return {
      name: names[at] ?? 0,
      values: values.likeness[at] ?? 0,
      description: descriptions[at] ?? 0,
      cross: crossed[at] ?? 0,
      types: types * (values.agreement[at] ?? 1) * promises(row, column),
    };
  }
  /** Where one side has neither values nor a type, its name stands in for them. */
  function promises(row: number, column: number): number {
    const [a, b] = [leftValues[row], rightValues[column]];
    if (a === undefined || b === undefined || (a.count === 0) === (b.count === 0)) return 1;
    if (a.count > 0) return rightTypes[column] ? 1 : promiseKept(rightPromises[column] ?? null, a);
    return leftTypes[row] ? 1 : promiseKept(leftPromises[row] ?? null, b);
  }
  function evidence(row: number, column: number): Evidence {
    return { ...grounds(row, column), score: scoreOf(row, column) };
  }
}

function combined({ name, values, description, types, cross }: Omit<Evidence, 'score'>): number {
  const missing =
    (1 - name) *
    (1 - VALUES_WEIGHT * values) *
    (1 - DESCRIPTION_WEIGHT * description) *
    (1 - CROSS_WEIGHT * cross);
  return (1 - missing) * types;
}

/** A column known by other names is as like as the likest of them. */
function withAliases(
  scores: Float32Array,
  source: FieldProfiles,
  target: FieldProfiles,
  context: readonly string[],
): Float32Array {
  const aliases = Object.values(target).flatMap(({ aliases = [] }, column) =>
    aliases.map((alias) => ({ alias, column })),
  );
  if (aliases.length === 0) return scores;
  const sources = Object.keys(source);
  const width = Object.keys(target).length;
  const known = nameScores(
    sources,
    aliases.map(({ alias }) => alias),
    context,
  );
  for (const row of sources.keys()) {
    for (const [at, { column }] of aliases.entries()) {
      const index = row * width + column;
      scores[index] = Math.max(scores[index] ?? 0, known[row * aliases.length + at] ?? 0);
    }
  }
  return scores;
}

/** Words of name and description of either side, synonyms as one. 0 where neither side has a description. */
function descriptionScores(source: FieldProfiles, target: FieldProfiles): Float32Array {
  const lexicon = createLexicon(stem);
  const bags = (fields: FieldProfiles) =>
    Object.entries(fields).map(([name, field]) =>
      bagOf(
        meaningful([...tokenize(name), ...tokenizeText(field.description ?? '')]).flatMap((word) => [
          stem(word),
          ...lexicon.groups(word),
        ]),
      ),
    );
  const described = [...Object.values(source), ...Object.values(target)].some((field) => field.description);
  if (!described) return new Float32Array(Object.keys(source).length * Object.keys(target).length);
  return cosines(bags(source), bags(target));
}
