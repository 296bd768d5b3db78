import { daysBeforeYear, daysOf, isLeap, weekdayOf } from './calendar.ts';
import { fail } from './errors.ts';
import { isoWeekDay, zoneAt } from './iso-parse.ts';
import type { Meter } from './meter.ts';
import { reprOf } from './repr.ts';
import { MONTHS, WEEKDAYS } from './strftime.ts';
import type { PyDateTime, PyTimezone } from './values.ts';

const CLASSES: Readonly<Record<string, string>> = {
  d: '(?<d>3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9])',
  f: '(?<f>[0-9]{1,6})',
  H: '(?<H>2[0-3]|[0-1]\\d|\\d)',
  I: '(?<I>1[0-2]|0[1-9]|[1-9])',
  G: '(?<G>\\d\\d\\d\\d)',
  j: '(?<j>36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])',
  m: '(?<m>1[0-2]|0[1-9]|[1-9])',
  M: '(?<M>[0-5]\\d|\\d)',
  S: '(?<S>6[0-1]|[0-5]\\d|\\d)',
  U: '(?<U>5[0-3]|[0-4]\\d|\\d)',
  w: '(?<w>[0-6])',
  u: '(?<u>[1-7])',
  V: '(?<V>5[0-3]|0[1-9]|[1-4]\\d|\\d)',
  W: '(?<W>5[0-3]|[0-4]\\d|\\d)',
  y: '(?<y>\\d\\d)',
  Y: '(?<Y>\\d\\d\\d\\d)',
  z: '(?<z>[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z)',
  Z: '(?<Z>utc|gmt)',
  p: '(?<p>am|pm)',
  A: `(?<A>${byLength(WEEKDAYS)})`,
  a: `(?<a>${byLength(WEEKDAYS.map((name) => name.slice(0, 3)))})`,
  B: `(?<B>${byLength(MONTHS)})`,
  b: `(?<b>${byLength(MONTHS.map((name) => name.slice(0, 3)))})`,
  '%': '%',
};
const COMPOSED: Readonly<Record<string, string>> = {
  c: '%a %b %d %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

/** datetime.strptime as CPython 3.11's _strptime reads it (C locale, zone UTC). Throws ValueError. */
export function strptime(meter: Meter, text: string, format: string): PyDateTime {
  meter.spend(50 + text.length + format.length);
  const match = patternOf(meter, format).exec(text);
  if (!match)
    throw fail(
      'ValueError',
      `time data ${reprOf(meter, text)} does not match format ${reprOf(meter, format)}`,
    );
  if (match[0].length !== text.length)
    throw fail('ValueError', `unconverted data remains: ${text.slice(match[0].length)}`);
  return momentOf(match.groups ?? {}, format);
}

function patternOf(meter: Meter, format: string): RegExp {
  const expanded = format.replace(/%([cxX])/g, (_, name: string) => COMPOSED[name] ?? '');
  const seen = new Set<string>();
  const source = expanded.replace(/%([\s\S]?)|\s+|[\\.^$*+?(){}[\]|/]/g, (all, directive?: string) => {
    if (directive === undefined) return /^\s/.test(all) ? '\\s+' : `\\${all}`;
    if (directive === '') throw fail('ValueError', `stray % in format ${reprOf(meter, format)}`);
    const found = Object.hasOwn(CLASSES, directive) ? CLASSES[directive] : undefined;
    if (found === undefined)
      throw fail('ValueError', `'${directive}' is a bad directive in format ${reprOf(meter, format)}`);
    if (directive !== '%' && seen.has(directive))
      throw fail('error', `redefinition of group name '${directive}'`);
    seen.add(directive);
    return found;
  });
  return new RegExp(`^${source}`, 'i');
}

function byLength(names: readonly string[]): string {
  return [...names].sort((a, b) => b.length - a.length).join('|');
}

type Groups = Record<string, string | undefined>;

function momentOf(groups: Groups, format: string): PyDateTime {
  const number = (name: string) => (groups[name] === undefined ? null : Number(groups[name]));
  const days = dayOf(groups, number, format);
  const second = number('S') ?? 0;
  if (second > 59) throw fail('ValueError', 'second must be in 0..59');
  const microseconds =
    ((hourOf(groups, number) * 60 + (number('M') ?? 0)) * 60 + second) * 1_000_000 +
    Number((groups.f ?? '').padEnd(6, '0'));
  return { kind: 'datetime', days, microseconds, zone: zoneOf(groups) };
}

function hourOf(groups: Groups, number: (name: string) => number | null): number {
  const twelve = number('I');
  if (twelve === null) return number('H') ?? 0;
  const afternoon = groups.p?.toLowerCase() === 'pm';
  return (twelve % 12) + (afternoon ? 12 : 0);
}

function dayOf(groups: Groups, number: (name: string) => number | null, format: string): number {
  const year = yearOf(number);
  const month = number('m') ?? named(MONTHS, groups.B) ?? named(MONTHS, groups.b);
  const weekday = weekdayFrom(groups, number);
  const inYear = number('j');
  const isoYear = number('G');
  const isoWeek = number('V');
  assertIsoParts({ isoYear, isoWeek, weekday, inYear, year: number('Y') ?? number('y') }, format);
  if (
    year !== null &&
    inYear === null &&
    weekday !== null &&
    (number('U') !== null || number('W') !== null)
  ) {
    const found = dayOfWeek(year, number('U') ?? number('W') ?? 0, weekday, number('U') === null);
    if (month === null && number('d') === null) return checked(found);
  }
  if (isoYear !== null && isoWeek !== null && weekday !== null && inYear === null)
    return isoWeekDay(isoYear, isoWeek, weekday + 1);
  const base = year ?? 1900;
  if (inYear !== null && month === null && number('d') === null)
    return checked(daysBeforeYear(base) + inYear - 1);
  if (year === null && month === 2 && number('d') === 29 && !isLeap(1900))
    throw fail('ValueError', 'day is out of range for month');
  return daysOf(base, month ?? 1, number('d') ?? 1);
}

function checked(days: number): number {
  if (days < 0 || days > 3_652_058) throw fail('ValueError', 'year is out of range');
  return days;
}

interface IsoParts {
  isoYear: number | null;
  isoWeek: number | null;
  weekday: number | null;
  inYear: number | null;
  year: number | null;
}

function assertIsoParts({ isoYear, isoWeek, weekday, inYear, year }: IsoParts, _format: string): void {
  if (isoYear !== null) {
    if (inYear !== null)
      throw fail(
        'ValueError',
        "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
      );
    if (isoWeek === null || weekday === null)
      throw fail(
        'ValueError',
        "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').",
      );
  } else if (isoWeek !== null) {
    if (year === null || weekday === null)
      throw fail(
        'ValueError',
        "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday directive ('%A', '%a', '%w', or '%u').",
      );
    throw fail(
      'ValueError',
      "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead.",
    );
  }
}

function yearOf(number: (name: string) => number | null): number | null {
  const short = number('y');
  if (short !== null) return short <= 68 ? short + 2000 : short + 1900;
  return number('Y');
}

/** Monday is 0. */
function weekdayFrom(groups: Groups, number: (name: string) => number | null): number | null {
  const name = named(WEEKDAYS, groups.A) ?? named(WEEKDAYS, groups.a);
  if (name !== null) return name - 1;
  const sundayFirst = number('w');
  if (sundayFirst !== null) return (sundayFirst + 6) % 7;
  const mondayFirst = number('u');
  return mondayFirst === null ? null : mondayFirst - 1;
}

function named(names: readonly string[], given: string | undefined): number | null {
  if (given === undefined) return null;
  const wanted = given.toLowerCase();
  const place = names.findIndex((name) => name.toLowerCase().startsWith(wanted));
  return place < 0 ? null : place + 1;
}

/** CPython's _calc_julian_from_U_or_W. */
function dayOfWeek(year: number, week: number, weekday: number, mondayFirst: boolean): number {
  const first = weekdayOf(daysBeforeYear(year));
  const start = mondayFirst ? first : (first + 1) % 7;
  const day = mondayFirst ? weekday : (weekday + 1) % 7;
  const weekZero = (7 - start) % 7;
  const inYear = week === 0 ? 1 + day - start : 1 + weekZero + 7 * (week - 1) + day;
  return daysBeforeYear(year) + inYear - 1;
}

function zoneOf({ z, Z }: Groups): PyTimezone | null {
  if (z === undefined) return Z === undefined ? null : { kind: 'timezone', offset: 0n, name: Z };
  if (z.toLowerCase() === 'z') return zoneAt(0n);
  const digits = z.replaceAll(':', '');
  const part = digits.split('.')[1] ?? '';
  const seconds =
    Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3, 5)) * 60 + Number(digits.slice(5, 7) || 0);
  const offset = BigInt(seconds) * 1_000_000n + BigInt(part.padEnd(6, '0'));
  return zoneAt(z.startsWith('-') ? -offset : offset);
}
