import { bind } from './arguments.ts';
import { ratioOf, roundedQuotient } from './arithmetic.ts';
import { DAY_US, dateOf, dateTimeOf, daysOf, deltaOf, LAST_DAY, microsecondsOf, UTC } from './calendar.ts';
import { zoneArgument } from './date-methods.ts';
import { fail } from './errors.ts';
import { fn } from './functions.ts';
import { isoWeekDay, parseIsoDate, parseIsoDateTime, parseIsoTime, zoneAt } from './iso-parse.ts';
import type { Meter } from './meter.ts';
import { strptime } from './strptime.ts';
import { makeType } from './types.ts';
import { isInt, isKind, type Named, type Py, type PyType, smallIndex, typeName, whole } from './values.ts';

const EPOCH_US = 719_162n * BigInt(DAY_US);
const NEVER = ['now', 'today', 'utcnow'];

/** The types of the module datetime. What reads the clock is missing: a row transformed again must give the same. */
export function dateTypes(meter: Meter): PyType[] {
  return [dateType(), dateTimeType(meter), timeType(), timedeltaType(), timezoneType()];
}

function text(name: string, value: Py | undefined): string {
  if (typeof value === 'string') return value;
  throw fail('TypeError', `${name}: argument must be str`);
}

function small(value: Py | undefined, fallback = 0): number {
  return value === undefined ? fallback : smallIndex(value);
}

function clockless(): [string, Py][] {
  return NEVER.map((name) => [
    name,
    fn(name, () => {
      throw fail('NotImplementedError', `${name}() reads the clock`);
    }),
  ]);
}

function dateType(): PyType {
  return makeType(
    'datetime.date',
    (value) => isKind(value, 'date') || isKind(value, 'datetime'),
    (args, named) => {
      const [year, month, day] = bind('date', ['year', 'month', 'day'], 3, args, named);
      return dateOf(daysOf(small(year), small(month), small(day)));
    },
    [
      ...clockless(),
      ['fromisoformat', fn('fromisoformat', ([value]) => dateOf(parseIsoDate(isoText(value))))],
      ['fromordinal', fn('fromordinal', ([value]) => fromOrdinal(value))],
      [
        'fromisocalendar',
        fn('fromisocalendar', ([year, week, day]) =>
          dateOf(isoWeekDay(small(year), small(week), small(day))),
        ),
      ],
      ['min', dateOf(0)],
      ['max', dateOf(LAST_DAY)],
    ],
  );
}

function isoText(value: Py | undefined): string {
  if (typeof value === 'string') return value;
  throw fail('TypeError', 'fromisoformat: argument must be str');
}

function fromOrdinal(value: Py | undefined): Py {
  const day = small(value);
  if (day < 1) throw fail('ValueError', 'ordinal must be >= 1');
  if (day > LAST_DAY + 1) throw fail('ValueError', 'year is out of range');
  return dateOf(day - 1);
}

function dateTimeType(meter: Meter): PyType {
  return makeType('datetime.datetime', (value) => isKind(value, 'datetime'), makeDateTime, [
    ...clockless(),
    [
      'strptime',
      fn('strptime', ([value, format]) => strptime(meter, strptimeText(value, 1), strptimeText(format, 2))),
    ],
    ['fromisoformat', fn('fromisoformat', ([value]) => parseIsoDateTime(isoText(value)))],
    ['fromtimestamp', fn('fromtimestamp', (args, named) => fromTimestamp(args, named))],
    ['utcfromtimestamp', fn('utcfromtimestamp', ([value = null]) => atEpoch(value, null))],
    ['combine', fn('combine', (args, named) => combine(args, named))],
    ['fromordinal', fn('fromordinal', ([value]) => atMidnight(fromOrdinal(value)))],
    ['min', dateTimeOf(0, 0, null)],
    ['max', dateTimeOf(LAST_DAY, DAY_US - 1, null)],
  ]);
}

function strptimeText(value: Py | undefined, place: number): string {
  if (typeof value === 'string') return value;
  throw fail('TypeError', `strptime() argument ${place} must be str, not ${typeName(value ?? null)}`);
}

function atMidnight(date: Py): Py {
  return isKind(date, 'date') ? dateTimeOf(date.days, 0, null) : date;
}

function makeDateTime(args: readonly Py[], named: Named): Py {
  const names = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond', 'tzinfo'];
  const [year, month, day, hour, minute, second, microsecond, zone = null] = bind(
    'datetime',
    names,
    3,
    args,
    named,
  );
  const clock = microsecondsOf({
    hour: small(hour),
    minute: small(minute),
    second: small(second),
    microsecond: small(microsecond),
  });
  return {
    kind: 'datetime',
    days: daysOf(small(year), small(month), small(day)),
    microseconds: clock,
    zone: zoneArgument(zone),
  };
}

function fromTimestamp(args: readonly Py[], named: Named): Py {
  const [value = null, zone = null] = bind('fromtimestamp', ['timestamp', 'tz'], 1, args, named);
  if (zone === null)
    throw fail(
      'NotImplementedError',
      "fromtimestamp() without a zone would be the machine's zone; give it timezone.utc",
    );
  return atEpoch(value, zoneArgument(zone));
}

function atEpoch(value: Py, zone: ReturnType<typeof zoneArgument>): Py {
  const microseconds = isInt(value) ? whole(value) * 1_000_000n : epochMicroseconds(value);
  if (microseconds >= 2n ** 83n || microseconds <= -(2n ** 83n))
    throw fail('OverflowError', 'timestamp out of range for platform time_t');
  const at = EPOCH_US + microseconds + (zone?.offset ?? 0n);
  if (at < 0n || at >= BigInt(LAST_DAY + 1) * BigInt(DAY_US))
    throw fail('ValueError', 'year is out of range');
  return dateTimeOf(0, at, zone);
}

/** CPython rounds the fraction alone, half to even. */
function epochMicroseconds(value: Py): bigint {
  if (isKind(value, 'decimal'))
    throw fail('TypeError', "'decimal.Decimal' object cannot be interpreted as an integer");
  if (typeof value !== 'number')
    throw fail('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
  if (Number.isNaN(value)) throw fail('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw fail('OverflowError', 'cannot convert float infinity to integer');
  const seconds = Math.trunc(value);
  const part = (value - seconds) * 1e6;
  const [n, d] = ratioOf(part);
  return BigInt(seconds) * 1_000_000n + roundedQuotient(n, d);
}

function combine(args: readonly Py[], named: Named): Py {
  const [date = null, time = null, zone] = bind('combine', ['date', 'time', 'tzinfo'], 2, args, named);
  if (!isKind(date, 'date') && !isKind(date, 'datetime'))
    throw fail('TypeError', `combine() argument 1 must be datetime.date, not ${typeName(date)}`);
  if (!isKind(time, 'time'))
    throw fail('TypeError', `combine() argument 2 must be datetime.time, not ${typeName(time)}`);
  return {
    kind: 'datetime',
    days: date.days,
    microseconds: time.microseconds,
    zone: zone === undefined ? time.zone : zoneArgument(zone),
  };
}

function timeType(): PyType {
  return makeType(
    'datetime.time',
    (value) => isKind(value, 'time'),
    (args, named) => {
      const names = ['hour', 'minute', 'second', 'microsecond', 'tzinfo'];
      const [hour, minute, second, microsecond, zone = null] = bind('time', names, 0, args, named);
      const clock = {
        hour: small(hour),
        minute: small(minute),
        second: small(second),
        microsecond: small(microsecond),
      };
      return { kind: 'time', microseconds: microsecondsOf(clock), zone: zoneArgument(zone) };
    },
    [
      [
        'fromisoformat',
        fn('fromisoformat', ([value]) => ({ kind: 'time', ...parseIsoTime(isoText(value)) })),
      ],
      ['min', { kind: 'time', microseconds: 0, zone: null }],
      ['max', { kind: 'time', microseconds: DAY_US - 1, zone: null }],
    ],
  );
}

const UNITS: readonly [string, bigint][] = [
  ['days', BigInt(DAY_US)],
  ['seconds', 1_000_000n],
  ['microseconds', 1n],
  ['milliseconds', 1_000n],
  ['minutes', 60_000_000n],
  ['hours', 3_600_000_000n],
  ['weeks', BigInt(DAY_US) * 7n],
];

function timedeltaType(): PyType {
  return makeType(
    'datetime.timedelta',
    (value) => isKind(value, 'timedelta'),
    (args, named) => {
      const given = bind(
        'timedelta',
        UNITS.map(([name]) => name),
        0,
        args,
        named,
      );
      return deltaOf(
        given.reduce<bigint>((sum, value, i) => sum + inMicroseconds(UNITS[i] ?? ['days', 1n], value), 0n),
      );
    },
    [
      ['resolution', deltaOf(1n)],
      ['max', deltaOf(999_999_999n * BigInt(DAY_US) + BigInt(DAY_US - 1))],
      ['min', deltaOf(-999_999_999n * BigInt(DAY_US))],
    ],
  );
}

/** A float's fraction is rounded to the microsecond on its own; CPython adds fractions first, which several floats can tell. */
function inMicroseconds([name, unit]: readonly [string, bigint], value: Py | undefined): bigint {
  if (value === undefined) return 0n;
  if (isInt(value)) return whole(value) * unit;
  if (typeof value !== 'number')
    throw fail('TypeError', `unsupported type for timedelta ${name} component: ${typeName(value)}`);
  if (Number.isNaN(value)) throw fail('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw fail('OverflowError', 'cannot convert float infinity to integer');
  const cut = Math.trunc(value);
  const [n, d] = ratioOf((value - cut) * Number(unit));
  return BigInt(cut) * unit + roundedQuotient(n, d);
}

function timezoneType(): PyType {
  return makeType(
    'datetime.timezone',
    (value) => isKind(value, 'timezone'),
    (args, named) => {
      const [offset = null, name] = bind('timezone', ['offset', 'name'], 1, args, named);
      if (!isKind(offset, 'timedelta'))
        throw fail('TypeError', `timezone() argument 1 must be datetime.timedelta, not ${typeName(offset)}`);
      return { ...zoneAt(offset.microseconds), name: name === undefined ? null : text('timezone', name) };
    },
    [['utc', UTC]],
  );
}
