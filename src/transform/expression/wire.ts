import type { PyValue } from '../../ports/expressions.ts';
import { dateOf, dateText, dateTimeText, deltaText, timeText } from '../python/calendar.ts';
import { decimalText, parsePyDecimal } from '../python/decimal.ts';
import { fail } from '../python/errors.ts';
import { setItem } from '../python/hash-key.ts';
import { parseIsoDate, parseIsoDateTime, parseIsoTime } from '../python/iso-parse.ts';
import { jsonKey } from '../python/json.ts';
import type { Meter } from '../python/meter.ts';
import { bytesOf, isKind, type Py, type PyDict, type PyObject, typeName } from '../python/values.ts';
import { MAX_DEPTH } from './value-depth.ts';

/** A value as an expression sees it. Throws PyError for what Python's text or depth cannot hold. */
export function toPython(meter: Meter, value: PyValue, depth = 0): Py {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw fail('RecursionError', `the value is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return value.map((item) => toPython(meter, item, depth + 1));
  if (value instanceof Map) {
    const dict: PyDict = { kind: 'dict', entries: new Map() };
    for (const [key, item] of value) setItem(meter, dict, wellFormed(key), toPython(meter, item, depth + 1));
    return dict;
  }
  return scalar(value.type, value.text);
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw fail('UnicodeEncodeError', 'the value holds a lone surrogate, which is not text');
}

function scalar(type: 'decimal' | 'date' | 'datetime' | 'time' | 'timedelta' | 'bytes', text: string): Py {
  switch (type) {
    case 'decimal':
      return parsePyDecimal(text) ?? unreadable(type, text);
    case 'date':
      return dateOf(parseIsoDate(text));
    case 'datetime':
      return parseIsoDateTime(text);
    case 'time':
      return { kind: 'time', ...parseIsoTime(text) };
    case 'timedelta':
      return unreadable(type, text);
    case 'bytes':
      return bytesOf(Buffer.from(text, 'hex'));
  }
}

function unreadable(type: string, text: string): never {
  throw fail('ValueError', `the value ${text.slice(0, 60)} is no ${type}`);
}

/** An answer as the outside takes it: tuples are lists, keys are text as json.dumps writes them. Throws TypeError for the rest. */
export function fromPython(meter: Meter, value: Py, depth = 0): PyValue {
  if (typeof value !== 'object' || value === null) return value;
  meter.spend(1);
  if (depth > MAX_DEPTH) throw fail('RecursionError', `the result is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    meter.allocate(value.length * 8);
    return value.map((item) => fromPython(meter, item, depth + 1));
  }
  return fromObject(meter, value, depth);
}

function fromObject(meter: Meter, value: PyObject, depth: number): PyValue {
  switch (value.kind) {
    case 'tuple':
      return value.items.map((item) => fromPython(meter, item, depth + 1));
    case 'dict':
      return new Map(
        Array.from(value.entries.values(), ([key, item]) => [
          jsonKey(key, { allowNan: true }),
          fromPython(meter, item, depth + 1),
        ]),
      );
    case 'decimal':
      return { type: 'decimal', text: decimalText(value) };
    case 'date':
      return { type: 'date', text: dateText(value.days) };
    case 'datetime':
      return { type: 'datetime', text: dateTimeText(value) };
    case 'time':
      return { type: 'time', text: timeText(value.microseconds, value.zone) };
    case 'timedelta':
      return { type: 'timedelta', text: deltaText(value) };
    case 'bytes':
      return { type: 'bytes', text: Buffer.from(value.bytes).toString('hex') };
    case 'set':
    case 'frozenset':
      throw fail('TypeError', 'the result is a set, which has no order; use sorted(...)');
    default:
      throw fail(
        'TypeError',
        `the result is a ${isKind(value, 'iterator') ? value.name : typeName(value)}, which no column holds`,
      );
  }
}

/** About how many bytes an answer takes. */
export function sizeOf(value: PyValue): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 16;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 16);
  if (value instanceof Map)
    return [...value].reduce((sum, [key, item]) => sum + key.length * 2 + sizeOf(item), 48);
  return 48 + value.text.length * 2;
}
