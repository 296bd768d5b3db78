import type { StoreValue } from '../../../domain/foundry/store-value.ts';
import { readJson } from '../read-json.ts';

type Read = (text: string) => StoreValue;

const read = {
  boolean: (text) => text === 't',
  whole: BigInt,
  double: Number,
  bytes: (text) => Buffer.from(text.slice(2), 'hex'),
  /** NaN and the infinities have no digits. */
  decimal: (text) => (/\d/.test(text) ? { decimal: text } : Number(text)),
  /** `2024-05-01 10:00:00.5+00` to `2024-05-01T10:00:00.5Z`; infinity and years BC stay as Postgres prints them. */
  instant: (text) =>
    text.replace(/^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?$/, (_, day, time, zone) =>
      zone ? `${day}T${time}Z` : `${day}T${time}`,
    ),
  json: readJson,
  text: (text) => text,
} as const satisfies Record<string, Read>;

/** By the oid of a type: how its text reads, and the oid of its array. */
const TYPES: readonly [oid: number, array: number, read: Read][] = [
  [16, 1000, read.boolean],
  [17, 1001, read.bytes],
  [20, 1016, read.whole],
  [21, 1005, read.whole],
  [23, 1007, read.whole],
  [26, 1028, read.whole],
  [700, 1021, read.double],
  [701, 1022, read.double],
  [1700, 1231, read.decimal],
  [1114, 1115, read.instant],
  [1184, 1185, read.instant],
  [114, 199, read.json],
  [3802, 3807, read.json],
  [25, 1009, read.text],
  [1043, 1015, read.text],
  [1042, 1014, read.text],
  [19, 1003, read.text],
  [1082, 1182, read.text],
  [1083, 1183, read.text],
  [1186, 1187, read.text],
  [2950, 2951, read.text],
];
const READERS = new Map<number, Read>(
  TYPES.flatMap(([oid, array, item]): [number, Read][] => [
    [oid, item],
    [array, (text) => readArray(text, item)],
  ]),
);

/** Reads the text Postgres prints of a value of this type, losing nothing; what has no better form stays text. */
export function valueReader(oid: number): Read {
  return READERS.get(oid) ?? read.text;
}

const ITEM = /\{|\}|,|"([^"\\]*(?:\\.[^"\\]*)*)"|[^{},"]+/gsy;

/** `{1,NULL,"a \"b\""}`, nested for more dimensions. One with bounds of its own (`[0:1]={..}`) stays text. */
function readArray(text: string, item: Read): StoreValue {
  if (!text.startsWith('{')) return text;
  const [outer, ...open]: StoreValue[][] = [[]];
  let current = outer ?? [];
  const stack = [...open];
  for (const [token, quoted] of text.matchAll(ITEM)) {
    if (token === '{') {
      const inner: StoreValue[] = [];
      current.push(inner);
      stack.push(current);
      current = inner;
    } else if (token === '}') current = stack.pop() ?? current;
    else if (token === ',') continue;
    else if (quoted !== undefined) current.push(item(quoted.replaceAll(/\\(.)/gs, '$1')));
    else current.push(token === 'NULL' ? null : item(token));
  }
  return current[0] ?? [];
}
