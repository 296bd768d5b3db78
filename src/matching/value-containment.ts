import { stem } from './name-tokens.ts';
import { postingsOf, trigrams } from './sparse.ts';
import { VALUE_WORDS } from './value-words.ts';

/** Values of one field that are compared; more say little more and cost as much each. */
const MOST_VALUES = 60;
/** Two values less alike than this have nothing in common. */
const LEAST_ALIKE = 0.35;
/** A feature so many values hold is dropped: it would cost the most and tell the least. */
const COMMON = { least: 50, share: 0.02 };
const TRIGRAM_WEIGHT = 0.35;

/**
 * How far the values of one side's fields are found among the other side's, alike or nearly so ("pT1a" and "T1a", "Not-Hispanic" and
 * "not hispanic or latino"): 0 to 1, row-major. A value that many fields of the other side hold ("yes", "unknown") counts for little, even
 * where it is all there is.
 */
export function softContainment(
  source: readonly ReadonlySet<string>[],
  target: readonly ReadonlySet<string>[],
): Float32Array {
  const left = source.map(readValues);
  const right = target.map(readValues);
  const features = new Map(
    [...new Set([...left, ...right].flat())].map((value) => [value, featuresOf(value)]),
  );
  const rarity = rarityOf(features);
  const vectors = new Map([...features].map(([value, found]) => [value, unit(found, rarity)]));
  const forward = contained(left, right, vectors);
  const backward = contained(right, left, vectors);
  return forward.map((ahead, at) => {
    const back = backward[(at % right.length) * left.length + Math.floor(at / right.length)] ?? 0;
    return 0.7 * Math.max(ahead, back) + 0.3 * Math.min(ahead, back);
  });
}

type Vector = readonly (readonly [string, number])[];

function contained(
  from: readonly (readonly string[])[],
  into: readonly (readonly string[])[],
  vectors: ReadonlyMap<string, Vector>,
): Float32Array {
  const out = new Float32Array(from.length * into.length);
  const known = into.filter((values) => values.length > 0).length;
  const search = createSearch(into, vectors);
  for (const [row, values] of from.entries()) {
    for (const value of values) {
      const found = search(value);
      const best = Math.max(0, ...found.values());
      let holders = 0;
      for (const alike of found.values()) if (alike > 0.8 * best) holders++;
      const telling = Math.log(1 + known / (holders || 1)) / Math.log(1 + known);
      for (const [column, alike] of found) {
        const at = row * into.length + column;
        out[at] = (out[at] ?? 0) + (alike * telling) / values.length;
      }
    }
  }
  return out;
}

/** For a value: how alike the likest value of each field is, of the fields that hold one at all alike. */
function createSearch(
  fields: readonly (readonly string[])[],
  vectors: ReadonlyMap<string, Vector>,
): (value: string) => ReadonlyMap<number, number> {
  const holders = holdersOf(fields);
  const values = [...holders.keys()];
  const fieldsOf = [...holders.values()];
  const tooCommon = Math.max(COMMON.least, values.length * COMMON.share);
  const postings = postingsOf(values.map((value) => vectors.get(value) ?? []));
  const likeness = new Float32Array(values.length);
  const memo = new Map<string, ReadonlyMap<number, number>>();
  return (value) => {
    const known = memo.get(value);
    if (known) return known;
    const found = search(value);
    memo.set(value, found);
    return found;
  };

  function search(value: string): Map<number, number> {
    const touched: number[] = [];
    for (const [feature, weight] of vectors.get(value) ?? []) {
      const posting = postings.get(feature);
      if (posting === undefined || (posting.at.length > tooCommon && !feature.startsWith('='))) continue;
      for (let i = 0; i < posting.at.length; i++) {
        const at = posting.at[i] ?? 0;
        if (likeness[at] === 0) touched.push(at);
        likeness[at] = (likeness[at] ?? 0) + weight * (posting.weights[i] ?? 0);
      }
    }
    const best = new Map<number, number>();
    for (const at of touched) {
      const alike = values[at] === value ? 1 : Math.min(0.95, likeness[at] ?? 0);
      likeness[at] = 0;
      if (alike < LEAST_ALIKE) continue;
      for (const field of fieldsOf[at] ?? []) best.set(field, Math.max(best.get(field) ?? 0, alike));
    }
    return best;
  }
}

function holdersOf(fields: readonly (readonly string[])[]): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  for (const [field, values] of fields.entries()) {
    for (const value of values) {
      const known = holders.get(value);
      if (known) known.push(field);
      else holders.set(value, [field]);
    }
  }
  return holders;
}

/** Distinct values in the spelling that values are compared in, the first ones. */
function readValues(distinct: ReadonlySet<string>): string[] {
  const read = [...distinct]
    .slice(0, MOST_VALUES)
    .map((value) => VALUE_WORDS.get(value) ?? value.slice(0, 80));
  return [...new Set(read)];
}

function featuresOf(value: string): Map<string, number> {
  const features = new Map<string, number>([[`=${value}`, 1]]);
  for (const word of value.split(/[^\p{L}\p{N}]+/u)) {
    if (word === '') continue;
    features.set(`w:${stem(VALUE_WORDS.get(word) ?? word)}`, 1);
    if (word.length > 2) for (const gram of trigrams(word)) features.set(`3:${gram}`, TRIGRAM_WEIGHT);
    // A stage with and without its prefix: "pT1a", "cN0".
    const stage = /^[pcy]+([tnm][0-4x].*)$/.exec(word)?.[1];
    if (stage !== undefined) features.set(`w:${stage}`, 1);
  }
  return features;
}

function rarityOf(features: ReadonlyMap<string, ReadonlyMap<string, number>>): Map<string, number> {
  const held = new Map<string, number>();
  for (const found of features.values())
    for (const feature of found.keys()) held.set(feature, (held.get(feature) ?? 0) + 1);
  return new Map([...held].map(([feature, count]) => [feature, Math.log(1 + features.size / count)]));
}

function unit(found: ReadonlyMap<string, number>, rarity: ReadonlyMap<string, number>): Vector {
  // The whole value is looked up by, but is no part of the likeness: that is what its words are for.
  const weighted = [...found].map(([feature, weight]): [string, number] => [
    feature,
    feature.startsWith('=') ? 0.01 : weight * (rarity.get(feature) ?? 0),
  ]);
  const length = Math.sqrt(weighted.reduce((sum, [, weight]) => sum + weight * weight, 0));
  return weighted.map(([feature, weight]) => [feature, weight / (length || 1)]);
}
