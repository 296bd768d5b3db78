import {
  civilOf,
  clockOf,
  DAY_US,
  dateText,
  dateTimeText,
  deltaText,
  floorDivide,
  timeText,
  UTC,
  zoneName,
} from './calendar.ts';
import { decimalText } from './decimal.ts';
import { fail } from './errors.ts';
import { chargeEscapes } from './escape-cost.ts';
import { floatRepr } from './float-digits.ts';
import type { Meter } from './meter.ts';
import { escapeUnprintable } from './unicode-text.ts';
import type { Py, PyBytes, PyDateTime, PyMatch, PyTime, PyTimedelta, PyTimezone, PyTuple } from './values.ts';

const MAX_DEPTH = 100;
const MAX_INT_DIGITS = 4300;
const INT_LIMIT = 10n ** BigInt(MAX_INT_DIGITS);

/** Python's str(). Throws PyError. */
export function strOf(meter: Meter, value: Py): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      return intText(value);
    case 'number':
      return floatRepr(value);
    case 'boolean':
      return value ? 'True' : 'False';
    default:
      if (value === null) return 'None';
      if (Array.isArray(value)) return reprOf(meter, value);
      switch (value.kind) {
        case 'decimal':
          return decimalText(value);
        case 'date':
          return dateText(value.days);
        case 'datetime':
          return dateTimeText(value);
        case 'time':
          return timeText(value.microseconds, value.zone);
        case 'timedelta':
          return deltaText(value);
        case 'timezone':
          return zoneName(value);
        default:
          return reprOf(meter, value);
      }
  }
}

/** Python's repr(). Throws PyError. */
export function reprOf(meter: Meter, value: Py, depth = 0): string {
  meter.spend(1);
  if (depth > MAX_DEPTH)
    throw fail('RecursionError', 'maximum recursion depth exceeded while getting the repr of an object');
  if (typeof value === 'string') return textRepr(meter, value);
  if (typeof value !== 'object' || value === null) return strOf(meter, value);
  const inner = (item: Py) => reprOf(meter, item, depth + 1);
  const joined = (items: Iterable<Py>) => {
    const texts = Array.from(items, inner);
    meter.allocate(texts.reduce((sum, text) => sum + text.length + 2, 0));
    return texts.join(', ');
  };
  if (Array.isArray(value)) return `[${joined(value)}]`;
  switch (value.kind) {
    case 'tuple':
      if (value.fields) return namedTupleRepr(value, inner);
      return `(${joined(value.items)}${value.items.length === 1 ? ',' : ''})`;
    case 'dict': {
      const texts = Array.from(value.entries.values(), ([k, v]) => `${inner(k)}: ${inner(v)}`);
      meter.allocate(texts.reduce((sum, text) => sum + text.length + 2, 0));
      return `{${texts.join(', ')}}`;
    }
    case 'set':
    case 'frozenset':
      if (value.items.size > 1) throw fail('TypeError', 'a set has no order to print it in; use sorted(...)');
      return setRepr(value.kind, joined(value.items.values()));
    case 'view':
      return `dict_${value.of}([${joined(viewItems(value))}])`;
    case 'bytes':
      return bytesRepr(meter, value);
    case 'range':
      return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`;
    case 'decimal':
      return `Decimal('${decimalText(value)}')`;
    case 'date': {
      const { year, month, day } = civilOf(value.days);
      return `datetime.date(${year}, ${month}, ${day})`;
    }
    case 'datetime':
      return dateTimeRepr(value);
    case 'time':
      return timeRepr(value);
    case 'timedelta':
      return deltaRepr(value);
    case 'timezone':
      return zoneRepr(value);
    case 'type':
      return `<class '${value.name}'>`;
    case 'match':
      return matchRepr(meter, value);
    default:
      throw fail('NotImplementedError', `the text of a ${value.kind} is not supported here`);
  }
}

export function intText(value: bigint): string {
  if (value > -INT_LIMIT && value < INT_LIMIT) return String(value);
  throw fail(
    'ValueError',
    `Exceeds the limit (${MAX_INT_DIGITS} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit`,
  );
}

/** Printable text beyond ASCII stays as it is, but may have to be looked at one by one. */
const QUOTED = {
  isEscaped: (unit: number) => unit < 0x20 || unit === 0x27 || unit === 0x5c || unit >= 0x7f,
  longest: 4,
};
const BYTES_A_BYTE = 8;

function textRepr(meter: Meter, text: string): string {
  chargeEscapes(meter, text, QUOTED);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"\n\r\t]/g, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\r') return '\\r';
    if (char === '\t') return '\\t';
    return char === '\\' || char === quote ? `\\${char}` : char;
  });
  return quote + escapeUnprintable(escaped) + quote;
}

function viewItems(view: Extract<Py, { kind: 'view' }>): Py[] {
  return Array.from(view.dict.entries.values(), ([key, item]): Py => {
    if (view.of === 'items') return { kind: 'tuple', items: [key, item] };
    return view.of === 'keys' ? key : item;
  });
}

function setRepr(kind: string, items: string): string {
  if (kind === 'set') return items === '' ? 'set()' : `{${items}}`;
  return items === '' ? 'frozenset()' : `frozenset({${items}})`;
}

function bytesRepr(meter: Meter, { bytes }: PyBytes): string {
  const escapes = bytes.reduce((sum, byte) => sum + (byte < 32 || byte >= 127 ? 1 : 0), 0);
  meter.spend(bytes.length >> 4);
  meter.allocate(bytes.length * BYTES_A_BYTE + escapes * BYTES_A_BYTE * 4);
  const quote = bytes.includes(39) && !bytes.includes(34) ? '"' : "'";
  const parts = Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    if (char === '\\' || char === quote) return `\\${char}`;
    if (byte === 9) return '\\t';
    if (byte === 10) return '\\n';
    if (byte === 13) return '\\r';
    return byte >= 32 && byte < 127 ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `b${quote}${parts.join('')}${quote}`;
}

function namedTupleRepr({ items, fields }: PyTuple, inner: (item: Py) => string): string {
  const parts = items.map((item, i) => `${fields?.names[i]}=${inner(item)}`);
  return `${fields?.type.replace(/^.*\./, '')}(${parts.join(', ')})`;
}

/** Of what was found 50 characters. */
function matchRepr(meter: Meter, { text, spans }: PyMatch): string {
  const [start = 0, end = 0] = spans;
  const found = [...textRepr(meter, text.slice(start, end).join(''))].slice(0, 50).join('');
  return `<re.Match object; span=(${start}, ${end}), match=${found}>`;
}

function dateTimeRepr(value: PyDateTime): string {
  const { year, month, day } = civilOf(value.days);
  const zone = value.zone === null ? '' : `, tzinfo=${zoneRepr(value.zone)}`;
  return `datetime.datetime(${[year, month, day, ...clockParts(value.microseconds)].join(', ')}${zone})`;
}

function timeRepr(value: PyTime): string {
  const zone = value.zone === null ? '' : `, tzinfo=${zoneRepr(value.zone)}`;
  return `datetime.time(${clockParts(value.microseconds).join(', ')}${zone})`;
}

function clockParts(microseconds: number): number[] {
  const { hour, minute, second, microsecond } = clockOf(microseconds);
  if (microsecond > 0) return [hour, minute, second, microsecond];
  return second > 0 ? [hour, minute, second] : [hour, minute];
}

function deltaRepr({ microseconds }: PyTimedelta): string {
  const days = floorDivide(microseconds, BigInt(DAY_US));
  const rest = Number(microseconds - days * BigInt(DAY_US));
  const parts = [
    days === 0n ? '' : `days=${days}`,
    rest < 1_000_000 ? '' : `seconds=${Math.floor(rest / 1_000_000)}`,
    rest % 1_000_000 === 0 ? '' : `microseconds=${rest % 1_000_000}`,
  ].filter((part) => part !== '');
  return `datetime.timedelta(${parts.length === 0 ? '0' : parts.join(', ')})`;
}

function zoneRepr(zone: PyTimezone): string {
  if (zone === UTC || (zone.offset === 0n && zone.name === null)) return 'datetime.timezone.utc';
  const name = zone.name === null ? '' : `, '${zone.name}'`;
  return `datetime.timezone(${deltaRepr({ kind: 'timedelta', microseconds: zone.offset })}${name})`;
}
