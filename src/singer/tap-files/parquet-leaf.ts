import { isUtf8 } from 'node:buffer';
import type { ParquetParsers, SchemaElement } from 'hyparquet';
import { type ColumnType, type Property, propertyOf } from './column-type.ts';

/** How one Parquet type is told in JSON. */
export interface ParquetLeaf {
  type: ColumnType;
  property: Property;
  /** JSON text of a value as hyparquet gives it with `leafParsers`; null and undefined are the caller's. */
  print(value: unknown): string;
}

/** What hyparquet calls with raw values; each answers JSON text, so that a dictionary's entries are printed once. */
export function leafParsers(isUtc: boolean): ParquetParsers {
  const zone = isUtc ? 'Z' : '';
  return {
    timestampFromMilliseconds: (value) => timestampJson(value, 1n, zone),
    timestampFromMicroseconds: (value) => timestampJson(value, 1_000n, zone),
    timestampFromNanoseconds: (value) => timestampJson(value, 1_000_000n, zone),
    dateFromDays: (days) => `"${new Date(days * DAY_MS).toISOString().slice(0, 10)}"`,
    stringFromBytes: (bytes) => bytesJson(bytes),
    jsonFromBytes: (bytes) => embeddedJson(bytes),
    geometryFromBytes: (bytes) => base64Json(bytes),
    geographyFromBytes: (bytes) => base64Json(bytes),
    uuidFromBytes: (bytes) => uuidJson(bytes),
  };
}

export function leafOf(element: SchemaElement): ParquetLeaf {
  const scale = decimalScale(element);
  if (scale !== null) return decimalLeaf(element, scale);
  const time = timeUnit(element);
  if (time !== null)
    return leaf('string', (value) => JSON.stringify(timeText(value, time)), { format: 'time' });
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if (logical === 'DATE' || converted === 'DATE') return leaf('date', asJson);
  if (logical === 'TIMESTAMP' || element.type === 'INT96' || converted?.startsWith('TIMESTAMP') === true)
    return leaf('date-time', asJson);
  if (logical === 'UUID') return leaf('string', asJson, { format: 'uuid' });
  if (logical === 'JSON' || converted === 'JSON') return { type: 'any', property: {}, print: asJson };
  if (logical === 'FLOAT16') return leaf('number', floatJson);
  return physicalLeaf(element);
}

function physicalLeaf(element: SchemaElement): ParquetLeaf {
  switch (element.type) {
    case 'BOOLEAN':
      return leaf('boolean', String);
    case 'INT32':
    case 'INT64':
      return leaf('integer', String);
    case 'FLOAT':
    case 'DOUBLE':
      return leaf('number', floatJson);
    case 'FIXED_LEN_BYTE_ARRAY':
      return leaf('string', base64Json, { contentEncoding: 'base64' });
    default:
      return leaf('string', bytesJson);
  }
}

function leaf(type: ColumnType, print: (value: unknown) => string, extra: Property = {}): ParquetLeaf {
  return { type, property: { ...propertyOf(type), ...extra }, print };
}

function decimalLeaf(element: SchemaElement, scale: number): ParquetLeaf {
  return leaf('number', (value) => decimalText(unscaled(value), scale), {
    description: `decimal(${element.precision ?? 38},${scale})`,
  });
}

function decimalScale(element: SchemaElement): number | null {
  if (element.logical_type?.type === 'DECIMAL') return element.logical_type.scale;
  return element.converted_type === 'DECIMAL' ? (element.scale ?? 0) : null;
}

function unscaled(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint8Array)
    return BigInt.asIntN(value.length * 8, BigInt(`0x0${Buffer.from(value).toString('hex')}`));
  return BigInt(Number(value));
}

/** 12345, 2 -> 123.45 */
function decimalText(value: bigint, scale: number): string {
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Units of a TIME in a second. */
function timeUnit(element: SchemaElement): bigint | null {
  if (element.logical_type?.type === 'TIME') return PER_SECOND[element.logical_type.unit];
  if (element.converted_type === 'TIME_MILLIS') return PER_SECOND.MILLIS;
  return element.converted_type === 'TIME_MICROS' ? PER_SECOND.MICROS : null;
}

const PER_SECOND = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;

function timeText(value: unknown, perSecond: bigint): string {
  const units = typeof value === 'bigint' ? value : BigInt(Number(value));
  const clock = new Date(Number(units / perSecond) * 1000).toISOString().slice(11, 19);
  const rest = units % perSecond;
  return rest === 0n ? clock : `${clock}.${String(rest).padStart(String(perSecond).length - 1, '0')}`;
}

const DAY_MS = 86_400_000;

/** Whole milliseconds print with three digits, finer ones with six or nine. */
function timestampJson(value: bigint, perMs: bigint, zone: string): string {
  const units = BigInt(value);
  const rest = ((units % perMs) + perMs) % perMs;
  const text = new Date(Number((units - rest) / perMs)).toISOString().slice(0, -1);
  const digits = rest === 0n ? '' : String(rest).padStart(String(perMs).length - 1, '0');
  return `"${text}${digits}${zone}"`;
}

/** JSON has no NaN and no infinity: they become null, and the reader says so. */
function floatJson(value: unknown): string {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : 'null';
}

function asJson(value: unknown): string {
  return String(value);
}

/** Bytes without a logical type are texts in most writers; what is not UTF-8 goes out as base64. */
function bytesJson(value: unknown): string {
  if (!(value instanceof Uint8Array)) return value === undefined || value === null ? 'null' : String(value);
  return isUtf8(value)
    ? JSON.stringify(Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8'))
    : base64Json(value);
}

function base64Json(value: unknown): string {
  return value instanceof Uint8Array ? JSON.stringify(Buffer.from(value).toString('base64')) : 'null';
}

function embeddedJson(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  JSON.parse(text);
  return text.replace(/[\r\n]+/g, ' ');
}

function uuidJson(bytes: Uint8Array): string {
  return `"${Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}"`;
}
