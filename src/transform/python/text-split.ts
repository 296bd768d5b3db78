import { bind, type Methods, positional } from './arguments.ts';
import { fail } from './errors.ts';
import { truth } from './iterate.ts';
import type { Meter } from './meter.ts';
import { isSpace, stripSpace } from './unicode-text.ts';
import { type Named, type Py, smallIndex, tuple, typeName } from './values.ts';

const BREAK = '(?:\\r\\n|[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029])';
const LINE = new RegExp(`(?:(?!${BREAK})[^])*${BREAK}|(?:(?!${BREAK})[^])+$`, 'g');
const LINE_END = new RegExp(`${BREAK}$`);

export const SPLIT_METHODS: Methods<string> = {
  split: (meter, self, args, named) => splitText(meter, self, args, named, 'split'),
  rsplit: (meter, self, args, named) => splitText(meter, self, args, named, 'rsplit'),
  splitlines(meter, self, args, named) {
    const [keep = false] = bind('splitlines', ['keepends'], 0, args, named);
    meter.allocate(self.length * 2);
    const lines = self.match(LINE) ?? [];
    return truth(keep) ? lines : lines.map((line) => line.replace(LINE_END, ''));
  },
  partition(_meter, self, args, named) {
    positional('partition', 1, 1, args, named);
    const mark = separator(args[0]);
    const at = self.indexOf(mark);
    return tuple(at < 0 ? [self, '', ''] : [self.slice(0, at), mark, self.slice(at + mark.length)]);
  },
  rpartition(_meter, self, args, named) {
    positional('rpartition', 1, 1, args, named);
    const mark = separator(args[0]);
    const at = self.lastIndexOf(mark);
    return tuple(at < 0 ? ['', '', self] : [self.slice(0, at), mark, self.slice(at + mark.length)]);
  },
};

function separator(value: Py | undefined): string {
  if (typeof value !== 'string') throw fail('TypeError', `must be str, not ${typeName(value ?? null)}`);
  if (value === '') throw fail('ValueError', 'empty separator');
  return value;
}

function splitText(
  meter: Meter,
  self: string,
  args: readonly Py[],
  named: Named,
  name: 'split' | 'rsplit',
): Py {
  const [mark = null, most = -1n] = bind(name, ['sep', 'maxsplit'], 0, args, named);
  const count = smallIndex(most);
  meter.allocate(self.length * 4);
  meter.spend(self.length >> 4);
  const limit = count < 0 ? Number.POSITIVE_INFINITY : count;
  if (mark === null) return name === 'split' ? splitSpace(self, limit) : rsplitSpace(self, limit);
  if (typeof mark !== 'string') throw fail('TypeError', `must be str or None, not ${typeName(mark)}`);
  if (mark === '') throw fail('ValueError', 'empty separator');
  const parts = self.split(mark);
  if (parts.length - 1 <= limit) return parts;
  if (name === 'split') return [...parts.slice(0, limit), parts.slice(limit).join(mark)];
  // from the right, overlapping separators are found otherwise than from the left
  return splitFromRight(self, mark, limit);
}

function splitFromRight(self: string, mark: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = self;
  while (parts.length < limit) {
    const at = rest.lastIndexOf(mark);
    if (at < 0) break;
    parts.push(rest.slice(at + mark.length));
    rest = rest.slice(0, at);
  }
  return [rest, ...parts.reverse()];
}

function splitSpace(self: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = stripSpace(self, -1);
  while (rest !== '') {
    if (parts.length >= limit) return [...parts, rest];
    let end = 0;
    while (end < rest.length && !isSpace(rest.charAt(end))) end++;
    parts.push(rest.slice(0, end));
    rest = stripSpace(rest.slice(end), -1);
  }
  return parts;
}

function rsplitSpace(self: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = stripSpace(self, 1);
  while (rest !== '') {
    if (parts.length >= limit) return [rest, ...parts.reverse()];
    let start = rest.length;
    while (start > 0 && !isSpace(rest.charAt(start - 1))) start--;
    parts.push(rest.slice(start));
    rest = stripSpace(rest.slice(0, start), 1);
  }
  return parts.reverse();
}
