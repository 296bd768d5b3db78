import type { StoreValue } from '../../domain/foundry/store-value.ts';
import { FalkorError } from './falkordb-errors.ts';
import type { Resp } from './resp-reader.ts';

/** Names by their numbers in the compact answer. */
export interface GraphNames {
  labels: readonly string[];
  types: readonly string[];
  keys: readonly string[];
}

/** A number the names do not go up to: something was added since they were read. */
export class UnknownName extends Error {}

const DAY_MS = 24 * 3600 * 1000;

/** Reads values of FalkorDB's compact protocol: [type, value]. */
export function createCompactReader(names: GraphNames) {
  const nameIn = (list: readonly string[], id: Resp | undefined): string => {
    const name = list[Number(id)];
    if (name === undefined) throw new UnknownName(`no name for ${String(id)}`);
    return name;
  };

  function read(cell: Resp | undefined): StoreValue {
    const [type, value = null] = listOf(cell);
    switch (Number(type)) {
      case 1:
        return null;
      case 2:
        return textOf(value);
      case 3:
        return BigInt(textOf(value));
      case 4:
        return textOf(value) === 'true';
      case 5:
        return double(textOf(value));
      case 6:
        return listOf(value).map(read);
      case 7:
        return edge(listOf(value));
      case 8:
        return node(listOf(value));
      case 9:
        return path(listOf(value));
      case 10:
        return pairs(listOf(value));
      case 11:
        return point(listOf(value));
      case 12:
        return listOf(value).map((item) => double(textOf(item)));
      case 13:
        return instant(value).slice(0, 19);
      case 14:
        return instant(value).slice(0, 10);
      case 15:
        return instant(value).slice(11, 19);
      case 16:
        return duration(value);
      default:
        throw new FalkorError('answer', `A value of the unknown type ${String(type)}.`);
    }
  }

  function node([id = null, labels = null, properties = null]: readonly Resp[]): Map<string, StoreValue> {
    const labelled = listOf(labels).map((label) => nameIn(names.labels, label));
    return new Map<string, StoreValue>([
      ['id', BigInt(textOf(id))],
      ['labels', labelled],
      ['properties', propertiesOf(properties)],
    ]);
  }

  function edge([id = null, type, start = null, end = null, properties = null]: readonly Resp[]) {
    return new Map<string, StoreValue>([
      ['id', BigInt(textOf(id))],
      ['type', nameIn(names.types, type)],
      ['start', BigInt(textOf(start))],
      ['end', BigInt(textOf(end))],
      ['properties', propertiesOf(properties)],
    ]);
  }

  function path([nodes, edges]: readonly Resp[]): Map<string, StoreValue> {
    return new Map<string, StoreValue>([
      ['nodes', read(nodes)],
      ['relationships', read(edges)],
    ]);
  }

  function propertiesOf(list: Resp): Map<string, StoreValue> {
    return new Map(
      listOf(list).map((property) => {
        const [key, ...cell] = listOf(property);
        return [nameIn(names.keys, key), read(cell)];
      }),
    );
  }

  function pairs(list: readonly Resp[]): Map<string, StoreValue> {
    const found = new Map<string, StoreValue>();
    for (let n = 0; n < list.length; n += 2) found.set(textOf(list[n] ?? null), read(list[n + 1]));
    return found;
  }
  return read;
}

function point([latitude = null, longitude = null]: readonly Resp[]): Map<string, StoreValue> {
  return new Map<string, StoreValue>([
    ['latitude', double(textOf(latitude))],
    ['longitude', double(textOf(longitude))],
  ]);
}

function double(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  if (/inf/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

/** Seconds since 1970; the protocol has no finer ones. */
function instant(seconds: Resp): string {
  return new Date(Number(seconds) * 1000).toISOString();
}

/** Its seconds; of its months and years the protocol says no more. */
function duration(seconds: Resp): string {
  const ms = Number(seconds) * 1000;
  const days = Math.trunc(ms / DAY_MS);
  const rest = (ms - days * DAY_MS) / 1000;
  if (rest === 0) return `P${days}D`;
  return days === 0 ? `PT${rest}S` : `P${days}DT${rest}S`;
}

function listOf(value: Resp | undefined): Resp[] {
  if (!Array.isArray(value)) throw new FalkorError('answer', 'A list was expected.');
  return value;
}

function textOf(value: Resp): string {
  if (value === null || Array.isArray(value)) throw new FalkorError('answer', 'A value was expected.');
  return String(value);
}
