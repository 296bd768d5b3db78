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
  const postings = postingsOf(right);
  for (const [row, features] of left.entries()) {
    const offset = row * right.length;
    for (const [feature, weight] of features) {
      const found = postings.get(feature);
      if (found === undefined || found.at.length > tooCommon) continue;
      for (let i = 0; i < found.at.length; i++) {
        const at = offset + (found.at[i] ?? 0);
        out[at] = (out[at] ?? 0) + weight * (found.weights[i] ?? 0);
      }
    }
  }
  return out;
}

export interface Posting {
  /** Positions of the lists that hold the feature. */
  at: number[];
  weights: number[];
}

/** Feature -> the lists that hold it. */
export function postingsOf(
  lists: readonly (readonly (readonly [string, number])[])[],
): ReadonlyMap<string, Posting> {
  const postings = new Map<string, Posting>();
  for (const [at, features] of lists.entries()) {
    for (const [feature, weight] of features) {
      const known = postings.get(feature);
      if (known) {
        known.at.push(at);
        known.weights.push(weight);
      } else postings.set(feature, { at: [at], weights: [weight] });
    }
  }
  return postings;
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
