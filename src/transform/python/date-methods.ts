import { bind, type Methods, positional, textArgument } from './arguments.ts';
import {
  civilOf,
  clockOf,
  DAY_US,
  dateOf,
  dateText,
  dateTimeOf,
  dateTimeText,
  daysOf,
  deltaOf,
  instantOf,
  isoCalendar,
  microsecondsOf,
  padded,
  type TimeSpec,
  timeText,
  weekdayOf,
  zoneName,
} from './calendar.ts';
import { fail } from './errors.ts';
import { nearestFloat } from './exact-math.ts';
import { MONTHS, strftime, WEEKDAYS } from './strftime.ts';
import {
  isKind,
  type Named,
  type Py,
  type PyDate,
  type PyDateTime,
  type PyTime,
  type PyTimedelta,
  type PyTimezone,
  smallIndex,
  tuple,
  typeName,
} from './values.ts';

const EPOCH_DAYS = 719_162;

type Dated = PyDate | PyDateTime;

const DATED: Methods<Dated> = {
  strftime: (_meter, self, args, named) =>
    strftime(self, textArgument('strftime() argument 1', bind('strftime', ['format'], 1, args, named)[0])),
  weekday: (_meter, self) => BigInt(weekdayOf(self.days)),
  isoweekday: (_meter, self) => BigInt(weekdayOf(self.days) + 1),
  isocalendar: (_meter, self) => tuple(isoCalendar(self.days).map(BigInt)),
  toordinal: (_meter, self) => BigInt(self.days + 1),
  ctime(_meter, self) {
    const { year, month, day } = civilOf(self.days);
    const time = timeText(isKind(self, 'datetime') ? self.microseconds : 0, null, 'seconds');
    const names = `${WEEKDAYS[weekdayOf(self.days)]?.slice(0, 3)} ${MONTHS[month - 1]?.slice(0, 3)}`;
    return `${names} ${String(day).padStart(2, ' ')} ${time} ${padded(year, 4)}`;
  },
};

export const DATE_METHODS: Methods<PyDate> = {
  ...narrowed<PyDate>(DATED),
  isoformat: (_meter, self, args, named) => {
    positional('isoformat', 0, 0, args, named);
    return dateText(self.days);
  },
  replace: (_meter, self, args, named) =>
    dateOf(replacedDays(self, bind('replace', ['year', 'month', 'day'], 0, args, named))),
};

export const DATETIME_METHODS: Methods<PyDateTime> = {
  ...narrowed<PyDateTime>(DATED),
  isoformat(_meter, self, args, named) {
    const [mark = 'T', spec = 'auto'] = bind('isoformat', ['sep', 'timespec'], 0, args, named);
    const sep = textArgument('isoformat() argument 1', mark);
    if ([...sep].length !== 1)
      throw fail('TypeError', 'isoformat() argument 1 must be a unicode character, not str');
    return dateTimeText(self, sep, timeSpec(spec));
  },
  date: (_meter, self) => dateOf(self.days),
  time: (_meter, self): PyTime => ({ kind: 'time', microseconds: self.microseconds, zone: null }),
  timetz: (_meter, self): PyTime => ({ kind: 'time', microseconds: self.microseconds, zone: self.zone }),
  replace(_meter, self, args, named) {
    const names = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond', 'tzinfo'];
    const given = bind('replace', names, 0, args, withoutFold(named));
    const days = replacedDays(self, given);
    return {
      ...self,
      days,
      microseconds: replacedClock(self.microseconds, given.slice(3)),
      zone: replacedZone(self.zone, given[7]),
    };
  },
  utcoffset: (_meter, self) => (self.zone === null ? null : deltaOf(self.zone.offset)),
  tzname: (_meter, self) => (self.zone === null ? null : zoneName(self.zone)),
  dst: () => null,
  timestamp(_meter, self) {
    if (self.zone === null)
      throw fail(
        'NotImplementedError',
        "a datetime without a zone has no timestamp here: it would be the machine's zone; use .replace(tzinfo=timezone.utc)",
      );
    return seconds(instantOf(self) - BigInt(EPOCH_DAYS) * BigInt(DAY_US));
  },
  astimezone(_meter, self, args, named) {
    const [zone = null] = bind('astimezone', ['tz'], 0, args, named);
    if (zone === null || self.zone === null)
      throw fail(
        'NotImplementedError',
        "astimezone() would take the machine's zone; give the datetime and the call a zone",
      );
    if (!isKind(zone, 'timezone'))
      throw fail(
        'TypeError',
        `tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(zone)}'`,
      );
    return dateTimeOf(0, instantOf(self) + zone.offset, zone);
  },
};

export const TIME_METHODS: Methods<PyTime> = {
  isoformat(_meter, self, args, named) {
    const [spec = 'auto'] = bind('isoformat', ['timespec'], 0, args, named);
    return timeText(self.microseconds, self.zone, timeSpec(spec));
  },
  strftime: (_meter, self, args, named) =>
    strftime(self, textArgument('strftime() argument 1', bind('strftime', ['format'], 1, args, named)[0])),
  replace(_meter, self, args, named) {
    const given = bind(
      'replace',
      ['hour', 'minute', 'second', 'microsecond', 'tzinfo'],
      0,
      args,
      withoutFold(named),
    );
    return {
      ...self,
      microseconds: replacedClock(self.microseconds, given),
      zone: replacedZone(self.zone, given[4]),
    };
  },
  utcoffset: (_meter, self) => (self.zone === null ? null : deltaOf(self.zone.offset)),
  tzname: (_meter, self) => (self.zone === null ? null : zoneName(self.zone)),
  dst: () => null,
};

export const TIMEDELTA_METHODS: Methods<PyTimedelta> = {
  total_seconds: (_meter, self) => seconds(self.microseconds),
};

export const TIMEZONE_METHODS: Methods<PyTimezone> = {
  utcoffset: (_meter, self) => deltaOf(self.offset),
  tzname: (_meter, self) => zoneName(self),
};

function narrowed<T extends Dated>(methods: Methods<Dated>): Methods<T> {
  return methods;
}

function seconds(microseconds: bigint): number {
  const size = nearestFloat(microseconds < 0n ? -microseconds : microseconds, 1_000_000n);
  return microseconds < 0n ? -size : size;
}

function timeSpec(value: Py): TimeSpec {
  const known: readonly TimeSpec[] = ['auto', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds'];
  const found = known.find((spec) => spec === value);
  if (!found) throw fail('ValueError', 'Unknown timespec value');
  return found;
}

function withoutFold(named: Named): Named {
  if (named.has('fold')) throw fail('NotImplementedError', 'fold= is not supported here');
  return named;
}

function replacedDays(self: Dated, [year, month, day]: readonly (Py | undefined)[]): number {
  const old = civilOf(self.days);
  return daysOf(
    year === undefined ? old.year : smallIndex(year),
    month === undefined ? old.month : smallIndex(month),
    day === undefined ? old.day : smallIndex(day),
  );
}

function replacedClock(
  microseconds: number,
  [hour, minute, second, microsecond]: readonly (Py | undefined)[],
): number {
  const old = clockOf(microseconds);
  return microsecondsOf({
    hour: hour === undefined ? old.hour : smallIndex(hour),
    minute: minute === undefined ? old.minute : smallIndex(minute),
    second: second === undefined ? old.second : smallIndex(second),
    microsecond: microsecond === undefined ? old.microsecond : smallIndex(microsecond),
  });
}

function replacedZone(zone: PyTimezone | null, given: Py | undefined): PyTimezone | null {
  return given === undefined ? zone : zoneArgument(given);
}

export function zoneArgument(value: Py): PyTimezone | null {
  if (value === null) return null;
  if (isKind(value, 'timezone')) return value;
  throw fail(
    'TypeError',
    `tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(value)}'`,
  );
}

/** The attributes that are no methods. */
export function dateAttribute(
  value: PyDate | PyDateTime | PyTime | PyTimedelta,
  name: string,
): Py | undefined {
  if (value.kind === 'timedelta') return deltaAttribute(value, name);
  if (value.kind !== 'time' && (name === 'year' || name === 'month' || name === 'day'))
    return BigInt(civilOf(value.days)[name]);
  if (value.kind === 'date') return undefined;
  if (name === 'hour' || name === 'minute' || name === 'second' || name === 'microsecond')
    return BigInt(clockOf(value.microseconds)[name]);
  if (name === 'tzinfo') return value.zone;
  return name === 'fold' ? 0n : undefined;
}

function deltaAttribute({ microseconds }: PyTimedelta, name: string): Py | undefined {
  const day = BigInt(DAY_US);
  const rest = ((microseconds % day) + day) % day;
  if (name === 'days') return (microseconds - rest) / day;
  if (name === 'seconds') return rest / 1_000_000n;
  return name === 'microseconds' ? rest % 1_000_000n : undefined;
}
