import { bind } from './arguments.ts';
import { fail } from './errors.ts';
import { truth } from './iterate.ts';
import type { Meter } from './meter.ts';
import { makeBytes } from './text-types.ts';
import {
  bytesOf,
  isKind,
  isNumber,
  type Named,
  type Py,
  type PyBytes,
  smallIndex,
  typeName,
} from './values.ts';

const MAX_READ = 4000;
const MAX_WRITTEN = 1_000_000;

/** int.to_bytes(length=1, byteorder='big', *, signed=False). Throws OverflowError, ValueError. */
export function bytesOfInt(meter: Meter, value: bigint, args: readonly Py[], named: Named): PyBytes {
  const [count = 1n, order = 'big', signed = false] = bound('to_bytes', 'length', 0, args, named);
  const length = smallIndex(count);
  const little = isLittle(order);
  if (length < 0) throw fail('ValueError', 'length argument must be non-negative');
  if (length > MAX_WRITTEN) throw fail('MemoryError', 'more than 1,000,000 bytes of one int');
  meter.allocate(length);
  const isSigned = truth(signed);
  if (value < 0n && !isSigned) throw fail('OverflowError', "can't convert negative int to unsigned");
  const fits = isSigned ? BigInt.asIntN(length * 8, value) === value : value >> BigInt(length * 8) === 0n;
  if (!fits) throw fail('OverflowError', 'int too big to convert');
  const digits = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  const bytes = Buffer.from(length === 0 ? '' : digits, 'hex');
  return bytesOf(little ? bytes.reverse() : bytes);
}

/** int.from_bytes(bytes, byteorder='big', *, signed=False). Throws TypeError, ValueError. */
export function intFromBytes(meter: Meter, args: readonly Py[], named: Named): bigint {
  const [given = null, order = 'big', signed = false] = bound('from_bytes', 'bytes', 1, args, named);
  const little = isLittle(order);
  if (isNumber(given) || typeof given === 'string')
    throw fail('TypeError', `cannot convert '${typeName(given)}' object to bytes`);
  const made = makeBytes(meter, [given], new Map());
  const bytes = isKind(made, 'bytes') ? made.bytes : new Uint8Array();
  if (bytes.length > MAX_READ) throw fail('OverflowError', 'an int of more than 10000 digits');
  meter.spend(bytes.length);
  const hex = Buffer.from(little ? [...bytes].reverse() : bytes).toString('hex');
  const value = BigInt(`0x${hex || '0'}`);
  return truth(signed) ? BigInt.asIntN(bytes.length * 8, value) : value;
}

/** `signed` goes by its name only. */
function bound(what: string, first: string, required: number, args: readonly Py[], named: Named) {
  if (args.length > 2)
    throw fail('TypeError', `${what}() takes at most 2 positional arguments (${args.length} given)`);
  return bind(what, [first, 'byteorder', 'signed'], required, args, named);
}

function isLittle(order: Py): boolean {
  if (typeof order !== 'string')
    throw fail('TypeError', `argument 'byteorder' must be str, not ${typeName(order)}`);
  if (order !== 'little' && order !== 'big')
    throw fail('ValueError', "byteorder must be either 'little' or 'big'");
  return order === 'little';
}
