import { type Methods, positional } from './arguments.ts';
import { fail } from './errors.ts';
import { isWide, textLength } from './iterate.ts';
import type { Meter } from './meter.ts';
import { bounds } from './subscript.ts';
import { isKind, type Py, typeName } from './values.ts';

/** find, index, count, startswith and their kin, which take a start and an end. */
export const SEARCH_METHODS: Methods<string> = {
  find: (meter, self, args, named) => found(meter, 'find', self, args, named.size, 1),
  rfind: (meter, self, args, named) => found(meter, 'rfind', self, args, named.size, -1),
  index: (meter, self, args, named) => present(found(meter, 'index', self, args, named.size, 1)),
  rindex: (meter, self, args, named) => present(found(meter, 'rindex', self, args, named.size, -1)),
  count(meter, self, args, named) {
    positional('count', 1, 3, args, named);
    const range = searched(self, args);
    const wanted = needle(args[0]);
    if (range === null) return 0n;
    meter.spend(range.text.length >> 6);
    if (wanted === '') return BigInt(textLength(range.text) + 1);
    let count = 0n;
    for (let at = range.text.indexOf(wanted); at >= 0; at = range.text.indexOf(wanted, at + wanted.length)) {
      meter.spend(1);
      count++;
    }
    return count;
  },
  startswith: (_meter, self, args, named) => affixed('startswith', self, args, named.size),
  endswith: (_meter, self, args, named) => affixed('endswith', self, args, named.size),
};

function needle(value: Py | undefined): string {
  if (typeof value === 'string') return value;
  throw fail('TypeError', `must be str, not ${value === undefined ? 'NoneType' : typeName(value)}`);
}

/** The part between start and end; null: the start is beyond the end, where not even '' is found. */
function searched(self: string, args: readonly Py[]): { text: string; offset: number } | null {
  const [, from = null, to = null] = args;
  if (from === null && to === null) return { text: self, offset: 0 };
  const chars = isWide(self) ? [...self] : self;
  const [start, stop] = bounds(chars.length, from, to, null);
  if (rawStart(from, chars.length) > chars.length || start > stop) return null;
  const part = chars.slice(start, stop);
  return { text: typeof part === 'string' ? part : part.join(''), offset: start };
}

function rawStart(from: Py, length: number): number {
  const at = typeof from === 'bigint' ? Number(from) : Number(from ?? 0);
  return at < 0 ? at + length : at;
}

function found(
  meter: Meter,
  name: string,
  self: string,
  args: readonly Py[],
  named: number,
  way: 1 | -1,
): bigint {
  if (named > 0) throw fail('TypeError', `str.${name}() takes no keyword arguments`);
  if (args.length < 1 || args.length > 3)
    throw fail(
      'TypeError',
      `${name}() takes ${args.length < 1 ? 'at least 1' : 'at most 3'} arguments (${args.length} given)`,
    );
  const wanted = needle(args[0]);
  const range = searched(self, args);
  if (range === null) return -1n;
  meter.spend(range.text.length >> 6);
  const at = way === 1 ? range.text.indexOf(wanted) : range.text.lastIndexOf(wanted);
  if (at < 0) return -1n;
  return BigInt(range.offset + (isWide(range.text) ? textLength(range.text.slice(0, at)) : at));
}

function present(at: bigint): bigint {
  if (at < 0n) throw fail('ValueError', 'substring not found');
  return at;
}

function affixed(name: 'startswith' | 'endswith', self: string, args: readonly Py[], named: number): boolean {
  if (named > 0) throw fail('TypeError', `str.${name}() takes no keyword arguments`);
  if (args.length < 1 || args.length > 3)
    throw fail(
      'TypeError',
      `${name}() takes ${args.length < 1 ? 'at least 1' : 'at most 3'} arguments (${args.length} given)`,
    );
  const [wanted] = args;
  const options = isKind(wanted, 'tuple') ? wanted.items : [wanted ?? null];
  if (!isKind(wanted, 'tuple') && typeof wanted !== 'string') {
    throw fail(
      'TypeError',
      `${name} first arg must be str or a tuple of str, not ${typeName(wanted ?? null)}`,
    );
  }
  const range = searched(self, args);
  return options.some((option) => {
    if (typeof option !== 'string')
      throw fail('TypeError', `tuple for ${name} must only contain str, not ${typeName(option)}`);
    if (range === null) return false;
    return name === 'startswith' ? range.text.startsWith(option) : range.text.endsWith(option);
  });
}
