import type { JsonValue } from '../values/json-value.ts';

const LONGEST = 60;
/** Numbers that name something: grouped by thousands they would be misread. */
const NAMING = /(?:^|_|\b)(?:id|ids|year|yr|zip|zipcode|postcode|code|number|no|phone|key)$/i;

/** A column's name as words: "yoy_growth_pct" is "yoy growth pct", "avgDelay" is "avg delay". */
export function columnWords(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_\s]+/g, ' ')
    .trim();
  return words === words.toUpperCase() && words.length > 4 ? words.toLowerCase() : words || 'value';
}

/** Whether the column's numbers name something, as ids and years do, rather than measure it. */
export function isNaming(column: string): boolean {
  return NAMING.test(columnWords(column));
}

/** A value as a sentence says it. */
export function toldValue(value: JsonValue, column: string): string {
  if (value === null) return 'unknown';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return toldNumber(value, column);
  const text = typeof value === 'string' ? toldText(value) : JSON.stringify(value);
  const short = text.replaceAll(/\s+/g, ' ').trim();
  return short.length <= LONGEST
    ? short || '(empty)'
    : `${short.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** As a number where it is one; what only looks like one stays text. */
export function amountOf(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d+(?:\.\d+)?$/.test(value)) return null;
  return /^-?0\d/.test(value) ? null : Number(value);
}

function toldNumber(value: number, column: string): string {
  if (Number.isInteger(value) && isNaming(column)) return String(value);
  const digits = Math.abs(value) >= 1 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 3 };
  return new Intl.NumberFormat('en-US', digits).format(value);
}

/** Midnight is a date's time, and long digits are a whole number's. */
function toldText(text: string): string {
  const date = /^(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?Z?$/.exec(text)?.[1];
  if (date) return date;
  return /^-?[1-9]\d{15,}$/.test(text) ? BigInt(text).toLocaleString('en-US') : text;
}
