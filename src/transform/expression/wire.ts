import type { PyValue } from '../../ports/expressions.ts';

/** A batch as the engine takes it: JavaScript's one number type made unambiguous (see prelude/result.py). */
export interface EncodedBatch {
  vs: unknown[];
  /** Places of floats without a fraction: the engine would take them for ints. */
  whole: number[];
  /** Places of -0.0. */
  zeros: number[];
  /** Places of lists and dicts in tagged form. */
  tagged: number[];
  /** Values the engine cannot be given, with the reason. */
  refused: [place: number, error: string][];
}

/** What a batch program answers: values, errors, places of floats, places of tagged values. */
export type RawAnswer = [unknown[], [number, string, string][], number[], number[]];

const MAX_DEPTH = 60;

export function encodeBatch(values: readonly PyValue[]): EncodedBatch {
  const batch: EncodedBatch = { vs: new Array(values.length), whole: [], zeros: [], tagged: [], refused: [] };
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    batch.vs[i] = value;
    if (typeof value === 'number') noteNumber(value, i, batch);
    else if (typeof value === 'string') {
      if (!value.isWellFormed()) refuseValue(batch, i, LONE_SURROGATE);
    } else if (typeof value === 'object' && value !== null) encodeContainer(value, i, batch);
  }
  return batch;
}

/** `allFloats`: the expression can only give floats, so none is listed. */
export function decodeAnswer([out, , floats, boxed]: RawAnswer, allFloats: boolean): PyValue[] {
  const isFloat = new Set(floats);
  const isBoxed = new Set(boxed);
  return out.map((value, i) => {
    if (isBoxed.has(i)) return untag(value);
    return allFloats || isFloat.has(i) ? plainFloat(value) : plain(value);
  });
}

const LONE_SURROGATE = 'UnicodeEncodeError: the value holds a lone surrogate, which is not text';

function noteNumber(value: number, place: number, batch: EncodedBatch): void {
  if (Object.is(value, -0)) batch.zeros.push(place);
  else if (Number.isInteger(value)) batch.whole.push(place);
}

function encodeContainer(
  value: PyValue[] | { [key: string]: PyValue },
  place: number,
  batch: EncodedBatch,
): void {
  try {
    batch.vs[place] = tag(value, 0);
    batch.tagged.push(place);
  } catch (error) {
    refuseValue(batch, place, error instanceof RangeError ? error.message : String(error));
  }
}

function refuseValue(batch: EncodedBatch, place: number, error: string): void {
  batch.vs[place] = null;
  batch.refused.push([place, error]);
}

function tag(value: PyValue, depth: number): unknown[] {
  if (depth > MAX_DEPTH)
    throw new RangeError(`RecursionError: the value is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'number') return ['f', Object.is(value, -0) ? '-0.0' : value];
  if (Array.isArray(value)) return ['l', ...value.map((item) => tag(item, depth + 1))];
  if (typeof value === 'object' && value !== null) {
    return ['d', ...Object.entries(value).map(([key, item]) => [wellFormed(key), tag(item, depth + 1)])];
  }
  return ['v', typeof value === 'string' ? wellFormed(value) : value];
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new RangeError(LONE_SURROGATE);
  return text;
}

function untag(tagged: unknown): PyValue {
  if (!Array.isArray(tagged)) return null;
  const [kind, ...items] = tagged;
  if (kind === 'f') return plainFloat(items[0]);
  if (kind === 'l') return items.map(untag);
  if (kind === 'd') return Object.fromEntries(items.map(([key, item]) => [key, untag(item)]));
  return plain(items[0]);
}

function plain(value: unknown): PyValue {
  if (typeof value === 'number') return BigInt(value);
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  return null;
}

function plainFloat(value: unknown): PyValue {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}
