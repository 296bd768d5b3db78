import { mostly, type SourceColumn } from './values.ts';

export interface EpochUnit {
  name: string;
  /** The moment, or its day, of `number` units since 1970. */
  answer(number: string, isDate: boolean): string;
}

/** Of 1979 to 2103 in seconds: no two units share a number, and no year or YYYYMMDD is in it. */
const FIRST_S = 3e8;
const LAST_S = 4.2e9;

const UNITS: readonly (EpochUnit & { factor: number })[] = [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
].map(([name, factor]) => unit(String(name), Number(factor)));

/** The unit in which nearly all samples are moments of our time; null: they are not. */
export function readEpoch(texts: readonly string[]): EpochUnit | null {
  return UNITS.find(({ factor }) => mostly(texts, (text) => isMoment(text, factor))) ?? null;
}

/** The unit a name or a description states. */
export function saysEpoch({ name, description = '' }: SourceColumn): EpochUnit | null {
  const words = `${name.replace(/([a-z\d])([A-Z])/g, '$1 $2')} ${description}`
    .toLowerCase()
    .replace(/[_\W]+/g, ' ');
  if (!/\b(?:unix|epoch)\b/.test(words)) return null;
  const wanted = /\b(?:ms|millis|milliseconds?)\b/.test(words) ? 1e3 : 1;
  return UNITS.find(({ factor }) => factor === wanted) ?? null;
}

function unit(name: string, factor: number): EpochUnit & { factor: number } {
  return {
    name,
    factor,
    answer: (number, isDate) =>
      `datetime.fromtimestamp(${number}${factor === 1 ? '' : ` / ${factor}`}, timezone.utc)${isDate ? '.date()' : ''}`,
  };
}

function isMoment(text: string, factor: number): boolean {
  if (!/^\d{9,16}(?:\.\d+)?$/.test(text)) return false;
  const seconds = Number(text) / factor;
  return seconds >= FIRST_S && seconds <= LAST_S;
}
