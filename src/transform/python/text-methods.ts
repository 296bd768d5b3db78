import { bind, type Methods, positional } from './arguments.ts';
import { caseFold } from './case-fold.ts';
import { encodeText } from './codecs.ts';
import { fail } from './errors.ts';
import { isIterable, listOf, lookUp, textLength } from './iterate.ts';
import type { Meter } from './meter.ts';
import { claim } from './operators.ts';
import { SEARCH_METHODS } from './text-search.ts';
import { SPLIT_METHODS } from './text-split.ts';
import {
  capitalizeText,
  isAlnumText,
  isAlphaText,
  isDecimalText,
  isDigitText,
  isIdentifierText,
  isNumericText,
  isPrintableText,
  isSpaceText,
  stripSpace,
  titleText,
} from './unicode-text.ts';
import { isInt, isKind, isMapping, type Named, type Py, smallIndex, typeName, whole } from './values.ts';

/** str's methods; format and format_map stand apart, for they need attributes. */
export const TEXT_METHODS: Methods<string> = {
  ...SEARCH_METHODS,
  ...SPLIT_METHODS,
  strip: (_meter, self, args, named) => stripped('strip', self, args, named, 0),
  lstrip: (_meter, self, args, named) => stripped('lstrip', self, args, named, -1),
  rstrip: (_meter, self, args, named) => stripped('rstrip', self, args, named, 1),
  upper: bare('upper', (self) => self.toUpperCase()),
  lower: bare('lower', (self) => self.toLowerCase()),
  casefold: bare('casefold', caseFold),
  swapcase: bare('swapcase', swapCase),
  title: bare('title', titleText),
  capitalize: bare('capitalize', (self) => (self === '' ? '' : capitalizeText(self))),
  isdigit: bare('isdigit', isDigitText),
  isdecimal: bare('isdecimal', isDecimalText),
  isnumeric: bare('isnumeric', isNumericText),
  isalpha: bare('isalpha', isAlphaText),
  isalnum: bare('isalnum', isAlnumText),
  isspace: bare('isspace', isSpaceText),
  isidentifier: bare('isidentifier', isIdentifierText),
  isprintable: bare('isprintable', isPrintableText),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
  isascii: bare('isascii', (self) => /^[\x00-\x7f]*$/.test(self)),
  isupper: bare('isupper', (self) => /\p{Uppercase}/u.test(self) && !/[\p{Lowercase}\p{Lt}]/u.test(self)),
  islower: bare('islower', (self) => /\p{Lowercase}/u.test(self) && !/[\p{Uppercase}\p{Lt}]/u.test(self)),
  istitle: bare('istitle', isTitle),
  removeprefix(_meter, self, args, named) {
    positional('removeprefix', 1, 1, args, named);
    const prefix = text('removeprefix', args[0]);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix(_meter, self, args, named) {
    positional('removesuffix', 1, 1, args, named);
    const suffix = text('removesuffix', args[0]);
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  },
  replace(meter, self, args, named) {
    positional('replace', 2, 3, args, named);
    return replaced(
      meter,
      self,
      text('replace', args[0], 1),
      text('replace', args[1], 2),
      args[2] === undefined ? -1 : smallIndex(args[2]),
    );
  },
  join(meter, self, args, named) {
    positional('join', 1, 1, args, named);
    return joined(meter, self, args[0] ?? null);
  },
  center: (meter, self, args, named) => justified(meter, 'center', self, args, named),
  ljust: (meter, self, args, named) => justified(meter, 'ljust', self, args, named),
  rjust: (meter, self, args, named) => justified(meter, 'rjust', self, args, named),
  zfill(meter, self, args, named) {
    positional('zfill', 1, 1, args, named);
    const missing = smallIndex(args[0] ?? null) - textLength(self);
    if (missing <= 0) return self;
    claim(meter, missing, 2);
    const sign = /^[+-]/.exec(self)?.[0] ?? '';
    return sign + '0'.repeat(missing) + self.slice(sign.length);
  },
  expandtabs(meter, self, args, named) {
    const [size = 8n] = bind('expandtabs', ['tabsize'], 0, args, named);
    return expandTabs(meter, self, smallIndex(size));
  },
  encode(meter, self, args, named) {
    const [encoding = 'utf-8', errors = 'strict'] = bind('encode', ['encoding', 'errors'], 0, args, named);
    return encodeText(meter, self, text('encode', encoding), text('encode', errors));
  },
  translate(meter, self, args, named) {
    positional('translate', 1, 1, args, named);
    return translated(meter, self, args[0] ?? null);
  },
};

function bare(name: string, make: (self: string) => Py) {
  return (meter: Meter, self: string, args: readonly Py[], named: Named): Py => {
    if (args.length > 0 || named.size > 0)
      throw fail('TypeError', `str.${name}() takes no arguments (${args.length} given)`);
    if (self.length > 64) {
      meter.spend(self.length >> 3);
      meter.allocate(self.length * 2);
    }
    return make(self);
  };
}

function text(method: string, value: Py | undefined, place?: number): string {
  if (typeof value === 'string') return value;
  const which = place === undefined ? 'argument' : `argument ${place}`;
  throw fail('TypeError', `${method}() ${which} must be str, not ${typeName(value ?? null)}`);
}

function stripped(name: string, self: string, args: readonly Py[], named: Named, side: -1 | 0 | 1): string {
  positional(name, 0, 1, args, named);
  const [chars = null] = args;
  if (chars === null) return stripSpace(self, side);
  if (typeof chars !== 'string') throw fail('TypeError', `${name} arg must be None or str`);
  const set = new Set(chars);
  const all = [...self];
  let start = 0;
  let end = all.length;
  if (side <= 0) while (start < end && set.has(all[start] ?? '')) start++;
  if (side >= 0) while (end > start && set.has(all[end - 1] ?? '')) end--;
  return all.slice(start, end).join('');
}

function swapCase(self: string): string {
  return Array.from(self, (char, at) => {
    if (/\p{Uppercase}/u.test(char)) return char === 'Σ' ? finalSigma(self, at) : char.toLowerCase();
    return /\p{Lowercase}/u.test(char) ? char.toUpperCase() : char;
  }).join('');
}

function finalSigma(self: string, at: number): string {
  return [...self.toLowerCase()][at] ?? 'σ';
}

function isTitle(self: string): boolean {
  let cased = false;
  let previous = false;
  for (const char of self) {
    const upper = /[\p{Uppercase}\p{Lt}]/u.test(char);
    const lower = /\p{Lowercase}/u.test(char);
    if ((upper && previous) || (lower && !previous)) return false;
    previous = upper || lower;
    cased ||= previous;
  }
  return cased;
}

function replaced(meter: Meter, self: string, from: string, to: string, most: number): string {
  if (most === 0) return self;
  const parts = from === '' ? ['', ...self, ''] : self.split(from);
  const count = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  claim(meter, self.length + count * Math.max(to.length - from.length, 0), 2);
  if (count === parts.length - 1) return parts.join(to);
  return parts.slice(0, count + 1).join(to) + from + parts.slice(count + 1).join(from);
}

function joined(meter: Meter, self: string, items: Py): string {
  if (!isIterable(items)) throw fail('TypeError', 'can only join an iterable');
  const texts = listOf(meter, items).map((item, i) => {
    if (typeof item === 'string') return item;
    throw fail('TypeError', `sequence item ${i}: expected str instance, ${typeName(item)} found`);
  });
  const length = texts.reduce((sum, item) => sum + item.length, self.length * Math.max(texts.length - 1, 0));
  claim(meter, length, 2);
  return texts.join(self);
}

function justified(
  meter: Meter,
  name: 'center' | 'ljust' | 'rjust',
  self: string,
  args: readonly Py[],
  named: Named,
): string {
  positional(name, 1, 2, args, named);
  const width = smallIndex(args[0] ?? null);
  const [, fill = ' '] = args;
  if (typeof fill !== 'string')
    throw fail('TypeError', `The fill character must be a unicode character, not ${typeName(fill)}`);
  if (textLength(fill) !== 1)
    throw fail('TypeError', 'The fill character must be exactly one character long');
  const missing = width - textLength(self);
  if (missing <= 0) return self;
  claim(meter, missing, 2);
  if (name === 'ljust') return self + fill.repeat(missing);
  if (name === 'rjust') return fill.repeat(missing) + self;
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + self + fill.repeat(missing - left);
}

function expandTabs(meter: Meter, self: string, size: number): string {
  const tabs = self.split('\t').length - 1;
  claim(meter, self.length + tabs * Math.max(size, 0), 2);
  let column = 0;
  let out = '';
  for (const char of self) {
    if (char === '\t') {
      const missing = size > 0 ? size - (column % size) : 0;
      out += ' '.repeat(missing);
      column += missing;
    } else {
      out += char;
      column = char === '\n' || char === '\r' ? 0 : column + 1;
    }
  }
  return out;
}

function translated(meter: Meter, self: string, table: Py): string {
  meter.spend(self.length);
  meter.allocate(self.length * 2);
  return Array.from(self, (char) => {
    const found = mapped(meter, table, char);
    if (found === undefined) return char;
    if (found === null) return '';
    if (typeof found === 'string') return found;
    if (!isInt(found)) throw fail('TypeError', 'character mapping must return integer, None or str');
    if (whole(found) < 0n || whole(found) > 0x10ffffn)
      throw fail('ValueError', 'character mapping must be in range(0x110000)');
    return String.fromCodePoint(Number(whole(found)));
  }).join('');
}

function mapped(meter: Meter, table: Py, char: string): Py | undefined {
  const code = char.codePointAt(0) ?? 0;
  if (isMapping(table)) return lookUp(meter, table, BigInt(code));
  if (typeof table === 'string') return [...table][code];
  if (Array.isArray(table)) return table[code];
  if (isKind(table, 'tuple')) return table.items[code];
  throw fail('TypeError', `'${typeName(table)}' object is not subscriptable`);
}
