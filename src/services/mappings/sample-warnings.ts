import type { LakeType } from '../../domain/lake-type.ts';
import { clipped, shownValue } from './show-value.ts';
import type { TriedValue } from './tried-value.ts';

interface Tried {
  values: readonly TriedValue[];
  /** What becomes of a missing value; absent: it stays missing. */
  none: TriedValue | undefined;
  type: LakeType;
  isSoleKey: boolean;
}

type Kept = { input: string | null; output: string | null };

/** Words for nothing: that they become null is what they mean. */
const NOTHING = /^\s*(?:|[-?\u2014]+|#?n\/?a|nan|null|none|nil|undefined|\(null\))\s*$/i;
const TIME_OF_DAY = /[T ](?!00:00(?::00(?:\.0+)?)?(?:\D|$))\d\d:\d\d/;
const NUMBER = /^\s*[+-]?\d+(?:\.\d+)?\s*$/;

/** What a load would refuse or lose of the values seen, one sentence each. */
export function sampleWarnings({ values, none, type, isSoleKey }: Tried): string[] {
  const kept = values.flatMap(({ input, outcome }) =>
    'error' in outcome ? [] : [{ input, output: shownValue(outcome.value) }],
  );
  return [
    rejections(values),
    missing(none, type),
    count(values, kept, becomesNull, 'become null'),
    type.kind === 'date' && kept.some(losesTime) ? LOSES_TIME : null,
    losesFraction(values, kept),
    type.kind === 'string' ? count(values, kept, isCut, 'are cut short') : null,
    ...(isSoleKey ? keyWarnings(values, kept) : []),
  ].filter((warning) => warning !== null);
}

export const LOSES_TIME = 'The time of day is lost: the column holds dates.';

function rejections(values: readonly TriedValue[]): string | null {
  const errors = values.flatMap(({ outcome }) => ('error' in outcome ? [outcome.error] : []));
  const [first] = errors;
  if (first === undefined) return null;
  return `${errors.length} of ${values.length} sample values would be rejected: ${first}`;
}

function missing(none: TriedValue | undefined, { kind }: LakeType): string | null {
  if (!none) return null;
  if ('error' in none.outcome) return `A missing value (None) would be rejected: ${none.outcome.error}`;
  const output = shownValue(none.outcome.value);
  if (output === null) return null;
  return `A missing value (None) becomes ${clipped(kind === 'string' ? JSON.stringify(output) : output)}.`;
}

function count(
  values: readonly TriedValue[],
  kept: readonly Kept[],
  test: (value: Kept) => boolean,
  what: string,
): string | null {
  const found = kept.filter(test);
  const [first] = found;
  if (!first) return null;
  return `${found.length} of ${values.length} sample values ${what}, such as ${clipped(JSON.stringify(first.input))}.`;
}

function becomesNull({ input, output }: Kept): boolean {
  return output === null && input !== null && !NOTHING.test(input);
}

function losesTime({ input, output }: Kept): boolean {
  return output !== null && input !== null && TIME_OF_DAY.test(input);
}

function isCut({ input, output }: Kept): boolean {
  const whole = input?.trim() ?? '';
  return output !== null && output.length < whole.length && whole.startsWith(output.trim());
}

/** Rounded or cut to whole numbers; a conversion of units moves some number by one or more. */
function losesFraction(values: readonly TriedValue[], kept: readonly Kept[]): string | null {
  const numbers = kept.filter(({ input, output }) => NUMBER.test(input ?? '') && NUMBER.test(output ?? ''));
  const moved = (value: Kept) => Math.abs(Number(value.input) - Number(value.output));
  const isConversion = numbers.some((value) => moved(value) >= 1);
  const isScaled = numbers.every((value) => fractionOf(value.input) <= fractionOf(value.output));
  if (isConversion || isScaled) return null;
  return count(values, numbers, (value) => moved(value) > 0, 'lose digits after the point');
}

function fractionOf(text: string | null): number {
  return /\.(\d*?)0*\s*$/.exec(text ?? '')?.[1]?.length ?? 0;
}

function keyWarnings(values: readonly TriedValue[], kept: readonly Kept[]): (string | null)[] {
  const nulls = kept.filter(({ output }) => output === null).length;
  const keys = kept.flatMap(({ output }) => (output === null ? [] : [output]));
  const again = keys.length - new Set(keys).size;
  return [
    nulls > 0
      ? `The column is the key, and ${nulls} of ${values.length} sample values are null in it.`
      : null,
    again > 0
      ? `The column is the key, and ${again} of ${values.length} sample values repeat another: of rows with one key the last one stays.`
      : null,
  ];
}
