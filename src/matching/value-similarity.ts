import { cosines, inverseFrequency, products } from './sparse.ts';
import { softContainment } from './value-containment.ts';
import type { ValueProfile } from './value-profile.ts';

export interface ValueScores {
  /** 0 to 1, row-major. 0 where either side has no samples. */
  likeness: Float32Array;
  /** Factor of at most 1 for pairs whose values contradict each other; 1 where nothing is known. */
  agreement: Float32Array;
}

/** How alike the sample values of every source and target field are. Values many fields share ("yes", "unknown") say little. */
export function valueScores(source: readonly ValueProfile[], target: readonly ValueProfile[]): ValueScores {
  const size = source.length * target.length;
  const likeness = new Float32Array(size);
  const agreement = new Float32Array(size).fill(1);
  if (!source.some(isKnown) || !target.some(isKnown)) return { likeness, agreement };
  const shared = cosines(
    source.map((p) => p.features),
    target.map((p) => p.features),
  );
  const contained = containments(source, target);
  const soft = softContainment(source.map(wordsOf), target.map(wordsOf));
  for (const [row, a] of source.entries()) {
    for (const [column, b] of target.entries()) {
      if (!isKnown(a) || !isKnown(b)) continue;
      const at = row * target.length + column;
      likeness[at] = pairLikeness(a, b, shared[at] ?? 0, contained[at] ?? 0, soft[at] ?? 0);
      agreement[at] = pairAgreement(a, b, likeness[at] ?? 0);
    }
  }
  return { likeness, agreement };
}

const NONE: ReadonlySet<string> = new Set();

function wordsOf(profile: ValueProfile): ReadonlySet<string> {
  return profile.kind === 'text' || profile.kind === 'boolean' ? profile.distinct : NONE;
}

function pairLikeness(
  a: ValueProfile,
  b: ValueProfile,
  shared: number,
  contained: number,
  soft: number,
): number {
  if (isNumeric(a) && isNumeric(b)) return NUMERIC * numericLikeness(a, b);
  if (isNumeric(a) || isNumeric(b)) return 0.5 * shared;
  return 0.5 * Math.max(shared, 0.9 * contained) + 0.6 * soft;
}

/** Weight of the shared values against the smaller set's, held back while few are shared. */
function containments(source: readonly ValueProfile[], target: readonly ValueProfile[]): Float32Array {
  const rarity = inverseFrequency(
    [...source, ...target].map((profile) => new Map([...profile.distinct].map((value) => [value, 1]))),
  );
  const weights = (profile: ValueProfile) =>
    [...profile.distinct].map((value): [string, number] => [value, Math.sqrt(rarity.get(value) ?? 0)]);
  const left = source.map(weights);
  const right = target.map(weights);
  const total = (features: readonly [string, number][]) => features.reduce((sum, [, w]) => sum + w * w, 0);
  const totalLeft = left.map(total);
  const totalRight = right.map(total);
  return products(left, right).map((common, at) => {
    const row = Math.floor(at / right.length);
    const smaller = Math.min(totalLeft[row] ?? 0, totalRight[at % right.length] ?? 0);
    return smaller === 0 ? 0 : Math.min(1, common / smaller) * (1 - Math.exp(-common / 4));
  });
}

/** Numbers are seldom proof: many columns hold numbers of the same size. */
const NUMERIC = 0.7;

/** Whether the values lie in the same place, are spread alike and are written with as many decimals. */
function numericLikeness(a: ValueProfile, b: ValueProfile): number {
  const spread = (1 - largestGap(a.numbers, b.numbers)) ** 2;
  const decimals = 1 - Math.min(1, Math.abs(a.decimals - b.decimals) / 3);
  return 0.75 * spread + 0.25 * spread * decimals + 0.25 * rangeOverlap(a.numbers, b.numbers) * (1 - spread);
}

/** Kolmogorov and Smirnov's distance of two sorted samples: 0 the same distribution, 1 apart. */
function largestGap(a: readonly number[], b: readonly number[]): number {
  let i = 0;
  let j = 0;
  let gap = 0;
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i] ?? 0, b[j] ?? 0);
    while (i < a.length && (a[i] ?? 0) <= at) i++;
    while (j < b.length && (b[j] ?? 0) <= at) j++;
    gap = Math.max(gap, Math.abs(i / a.length - j / b.length));
  }
  return gap;
}

/** Share of either side's values that lies within the other's whole range, the smaller of the two. */
function rangeOverlap(a: readonly number[], b: readonly number[]): number {
  const low = Math.max(a[0] ?? 0, b[0] ?? 0);
  const high = Math.min(a.at(-1) ?? 0, b.at(-1) ?? 0);
  if (high < low) return 0;
  const inside = (values: readonly number[]) =>
    values.filter((v) => v >= low && v <= high).length / values.length;
  return Math.min(inside(a), inside(b));
}

function pairAgreement(a: ValueProfile, b: ValueProfile, likeness: number): number {
  if (a.kind === b.kind) return 1;
  if (isNumeric(a) && isNumeric(b)) return 0.97;
  if (isTemporal(a) && isTemporal(b)) return 0.98;
  if (isTemporal(a) !== isTemporal(b)) return isNumeric(a) || isNumeric(b) ? 0.7 : 0.6;
  if (isNumeric(a) !== isNumeric(b)) return 0.75 + 0.25 * likeness;
  return 0.85 + 0.15 * likeness;
}

function isKnown(profile: ValueProfile): boolean {
  return profile.count > 0;
}

function isNumeric({ kind }: ValueProfile): boolean {
  return kind === 'integer' || kind === 'number';
}

function isTemporal({ kind }: ValueProfile): boolean {
  return kind === 'date' || kind === 'datetime';
}
