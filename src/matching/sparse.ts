/** Feature -> how often or how strongly. */
export type Bag = ReadonlyMap<string, number>;

/** A feature this many of many bags hold tells nothing apart, and would cost the most. */
const COMMON = { least: 100, share: 0.15 };

/**
 * Cosine of every bag on the left with every bag on the right, features weighted by how few bags hold them.
 * Row-major, left.length x right.length. Time grows with the shared features, not with the pairs.
 */
export function cosines(left: readonly Bag[], right: readonly Bag[]): Float32Array {
  const idf = inverseFrequency([...left, ...right]);
  return products(
    left.map((bag) => unit(bag, idf)),
    right.map((bag) => unit(bag, idf)),
  );
}

/** Sum over the shared features of the product of their weights, for every pair; row-major. */
export function products(
  left: readonly (readonly [string, number])[][],
  right: readonly (readonly [string, number])[][],
): Float32Array {
  const out = new Float32Array(left.length * right.length);
  const tooCommon = Math.max(COMMON.least, right.length * COMMON.share);
  const postings = new Map<string, { column: number; weight: number }[]>();
  for (const [column, features] of right.entries()) {
    for (const [feature, weight] of features) {
      const list = postings.get(feature);
      if (list) list.push({ column, weight });
      else postings.set(feature, [{ column, weight }]);
    }
  }
  for (const [row, features] of left.entries()) {
    const offset = row * right.length;
    for (const [feature, weight] of features) {
      const holders = postings.get(feature) ?? [];
      if (holders.length > tooCommon) continue;
      for (const posting of holders) {
        out[offset + posting.column] = (out[offset + posting.column] ?? 0) + weight * posting.weight;
      }
    }
  }
  return out;
}

/** ln(1 + bags / bags holding it) of each feature. */
export function inverseFrequency(bags: readonly Bag[]): Map<string, number> {
  const held = new Map<string, number>();
  for (const bag of bags) for (const feature of bag.keys()) held.set(feature, (held.get(feature) ?? 0) + 1);
  return new Map([...held].map(([feature, count]) => [feature, Math.log(1 + bags.length / count)]));
}

function unit(bag: Bag, idf: ReadonlyMap<string, number>): [string, number][] {
  const weighted = [...bag].map(([feature, weight]): [string, number] => [
    feature,
    weight * (idf.get(feature) ?? 0),
  ]);
  const length = Math.sqrt(weighted.reduce((sum, [, weight]) => sum + weight * weight, 0));
  return length === 0 ? [] : weighted.map(([feature, weight]) => [feature, weight / length]);
}

/** Counts the features of a list. */
export function bagOf(features: Iterable<string>): Map<string, number> {
  const bag = new Map<string, number>();
  for (const feature of features) bag.set(feature, (bag.get(feature) ?? 0) + 1);
  return bag;
}

export function trigrams(text: string): string[] {
  const padded = `  ${text} `;
  return Array.from({ length: Math.max(0, padded.length - 2) }, (_, at) => padded.slice(at, at + 3));
}
