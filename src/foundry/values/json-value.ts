import type { StoreValue } from '../../domain/foundry/store-value.ts';
import { doubleOf } from './decimal-text.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * A store's value as JSON that loses nothing any reader of JSON would keep: whole numbers beyond 2^53 - 1 and decimals no double holds are
 * strings of their digits; nan and infinities are "NaN", "Infinity", "-Infinity"; binary is base64.
 */
export function jsonValue(value: StoreValue): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return isExact(value) ? Number(value) : String(value);
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(jsonValue);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [key, jsonValue(each)]));
  return doubleOf(value.decimal) ?? value.decimal;
}

function isExact(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}
