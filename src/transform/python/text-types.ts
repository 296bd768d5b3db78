import { bind } from './arguments.ts';
import { decodeBytes, encodeText } from './codecs.ts';
import { fail } from './errors.ts';
import { makeDict, setItem } from './hash-key.ts';
import { listOf } from './iterate.ts';
import { MAX_LENGTH, type Meter } from './meter.ts';
import { claim } from './operators.ts';
import { strOf } from './repr.ts';
import {
  bytesOf,
  indexOf,
  isInt,
  isKind,
  isMapping,
  type Named,
  type Py,
  smallIndex,
  typeName,
  whole,
} from './values.ts';

export function makeText(meter: Meter, args: readonly Py[], named: Named): string {
  const [object, encoding, errors] = bind('str', ['object', 'encoding', 'errors'], 0, args, named);
  if (encoding === undefined && errors === undefined) return object === undefined ? '' : strOf(meter, object);
  if (typeof object === 'string') throw fail('TypeError', 'decoding str is not supported');
  if (!isKind(object, 'bytes'))
    throw fail('TypeError', `decoding to str: need a bytes-like object, ${typeName(object ?? null)} found`);
  if (typeof (encoding ?? 'utf-8') !== 'string' || typeof (errors ?? 'strict') !== 'string')
    throw fail('TypeError', 'str() argument 2 must be str');
  return decodeBytes(meter, object.bytes, String(encoding ?? 'utf-8'), String(errors ?? 'strict'));
}

export function makeTable(meter: Meter, args: readonly Py[]): Py {
  const [from, to, gone] = args;
  if (to === undefined) {
    if (!isMapping(from))
      throw fail('TypeError', 'if you give only one argument to maketrans it must be a dict');
    return makeDict(
      meter,
      Array.from(from.entries.values(), ([key, value]): [Py, Py] => [tableKey(key), value]),
    );
  }
  if (typeof from !== 'string')
    throw fail('TypeError', 'first maketrans argument must be a string if there is a second argument');
  if (typeof to !== 'string')
    throw fail('TypeError', `maketrans() argument 2 must be str, not ${typeName(to)}`);
  const [keys, values] = [[...from], [...to]];
  if (keys.length !== values.length)
    throw fail('ValueError', 'the first two maketrans arguments must have equal length');
  const code = (char: string) => BigInt(char.codePointAt(0) ?? 0);
  const table = makeDict(
    meter,
    keys.map((key, i): [Py, Py] => [code(key), code(values[i] ?? '')]),
  );
  if (gone !== undefined && typeof gone !== 'string')
    throw fail('TypeError', `maketrans() argument 3 must be str, not ${typeName(gone)}`);
  for (const char of gone ?? '') setItem(meter, table, code(char), null);
  return table;
}

function tableKey(key: Py): Py {
  if (typeof key !== 'string') {
    if (isInt(key)) return key;
    throw fail('TypeError', 'keys in translate table must be strings or integers');
  }
  if ([...key].length !== 1) throw fail('ValueError', 'string keys in translate table must be of length 1');
  return BigInt(key.codePointAt(0) ?? 0);
}

export function makeBytes(meter: Meter, args: readonly Py[], named: Named): Py {
  const [source, encoding, errors = 'strict'] = bind(
    'bytes',
    ['source', 'encoding', 'errors'],
    0,
    args,
    named,
  );
  if (source === undefined) return bytesOf(new Uint8Array());
  if (typeof source === 'string') {
    if (typeof encoding !== 'string' || typeof errors !== 'string')
      throw fail('TypeError', 'string argument without an encoding');
    return encodeText(meter, source, encoding, errors);
  }
  if (encoding !== undefined) throw fail('TypeError', 'encoding without a string argument');
  if (isInt(source)) {
    if (whole(source) < 0n) throw fail('ValueError', 'negative count');
    if (whole(source) > BigInt(MAX_LENGTH)) throw fail('MemoryError', 'too many bytes');
    claim(meter, smallIndex(source), 1);
    return bytesOf(new Uint8Array(smallIndex(source)));
  }
  if (isKind(source, 'bytes')) return source;
  return bytesOf(
    Uint8Array.from(listOf(meter, source), (item) => {
      const byte = indexOf(item);
      if (byte < 0n || byte > 255n) throw fail('ValueError', 'bytes must be in range(0, 256)');
      return Number(byte);
    }),
  );
}

export function bytesFromHex(text: Py): Py {
  if (typeof text !== 'string')
    throw fail('TypeError', `fromhex() argument must be str, not ${typeName(text)}`);
  const hex = text.replace(/[ \t\n\r\f\v]/g, '');
  const bad = /[^0-9a-fA-F]/.exec(text.replace(/[ \t\n\r\f\v]/g, ' ').replaceAll(' ', '0'));
  if (bad || hex.length % 2 !== 0)
    throw fail(
      'ValueError',
      `non-hexadecimal number found in fromhex() arg at position ${bad?.index ?? text.length}`,
    );
  return bytesOf(Buffer.from(hex, 'hex'));
}
