import type { StoreValue } from '../../../domain/foundry/store-value.ts';
import type { LakeType } from '../../../domain/lake-type.ts';
import { readJson } from '../../foundry/read-json.ts';
import type { SparkValue } from './client/column-reader.ts';
import { isNested, lakeTypeOf, lakeValueOf } from './spark-types.ts';

/** A value as the client read it, by the type DESCRIBE names; nested ones come as JSON. */
export function storeValueOf(value: SparkValue, described: string): StoreValue {
  if (typeof value === 'string') {
    if (described.startsWith('decimal')) return { decimal: value };
    if (isNested(described)) return typed(readJson(value), lakeTypeOf(described, null));
  }
  return lakeValueOf(value, described) as Exclude<StoreValue, object> | Uint8Array;
}

/** What JSON has no form for, as its type says. Null: a type that is not known here. */
function typed(value: StoreValue, type: LakeType | null): StoreValue {
  switch (type?.kind) {
    case 'double':
      return doubleOf(value);
    case 'decimal':
      return typeof value === 'bigint' || typeof value === 'number' ? { decimal: String(value) } : value;
    case 'binary':
      return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => typed(item, type.element)) : value;
    case 'map':
      return changed(value, () => type.value);
    case 'struct': {
      const types = new Map(type.fields.map((field) => [field.name, field.type]));
      return changed(value, (name) => types.get(name) ?? null);
    }
    default:
      return value;
  }
}

function doubleOf(value: StoreValue): StoreValue {
  if (typeof value === 'string' || typeof value === 'bigint') return Number(value);
  return typeof value === 'object' && value !== null && 'decimal' in value ? Number(value.decimal) : value;
}

function changed(value: StoreValue, typeOf: (name: string) => LakeType | null): StoreValue {
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([name, item]) => [name, typed(item, typeOf(name))]));
}
