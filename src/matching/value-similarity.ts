import { cosines, inverseFrequency } from './sparse.ts';
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
  const rarity = inverseFrequency(
    [...source, ...target].map((p) => new Map([...p.distinct].map((v) => [v, 1]))),
  );
  for (const [row, a] of source.entries()) {
    for (const [column, b] of target.entries()) {
      if (!isKnown(a) || !isKnown(b)) continue;
      const at = row * target.length + column;
      likeness[at] = pairLikeness(a, b, shared[at] ?? 0, rarity);
      agreement[at] = pairAgreement(a, b, likeness[at] ?? 0);
    }
  }
  return { likeness, agreement };
}

function pairLikeness(
  a: ValueProfile,
  b: ValueProfile,
  shared: number,
  rarity: ReadonlyMap<string, number>,
): number {
  if (isNumeric(a) && isNumeric(b)) return 0.6 * rangeOverlap(a.numbers, b.numbers);
  if (isNumeric(a) || isNumeric(b)) return 0.5 * shared;
  return Math.max(shared, 0.9 * containment(a.distinct, b.distinct, rarity));
}

/** Weight of the shared values against the smaller set's, held back while few are shared. */
function containment(
  a: ReadonlySet<string>,
  b: ReadonlySet<string>,
  rarity: ReadonlyMap<string, number>,
): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  let common = 0;
  let total = 0;
  for (const value of small) {
    const weight = rarity.get(value) ?? 0;
    total += weight;
    if (large.has(value)) common += weight;
  }
  if (total === 0) return 0;
  return (common / total) * (1 - Math.exp(-common / 4));
}

/** Share of either side's middle 80 % that lies within the other's. */
function rangeOverlap(a: readonly number[], b: readonly number[]): number {
  const [lowA, highA] = middle(a);
  const [lowB, highB] = middle(b);
  const low = Math.max(lowA, lowB);
  const high = Math.min(highA, highB);
  if (high < low) return 0;
  const inside = (values: readonly number[]) =>
    values.filter((v) => v >= low && v <= high).length / values.length;
  return Math.min(inside(a), inside(b));
}

function middle(sorted: readonly number[]): [number, number] {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return [at(0.1), at(0.9)];
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
