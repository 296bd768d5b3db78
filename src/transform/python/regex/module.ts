import { bind, type Methods, NO_NAMES, positional } from '../arguments.ts';
import { fail } from '../errors.ts';
import { chargeEscapes } from '../escape-cost.ts';
import { makeDict } from '../hash-key.ts';
import { makeIterator } from '../iterate.ts';
import type { Meter } from '../meter.ts';
import { claim } from '../operators.ts';
import {
  isKind,
  type Named,
  type Py,
  type PyMatch,
  type PyPattern,
  smallIndex,
  tuple,
  typeName,
} from '../values.ts';
import { expandTemplate, parseTemplate } from './replace.ts';
import {
  type Anchor,
  allMatches,
  compilePattern,
  findMatch,
  groupNumber,
  groupText,
  programOf,
  type RegexCache,
  spanOf,
  subjectOf,
} from './search.ts';
import { FLAGS } from './syntax.ts';

type Run = (meter: Meter, pattern: PyPattern, args: readonly Py[]) => Py;

/** What a pattern can do: its parameters after the pattern, how many are required, and how it runs. */
const ACTIONS: Readonly<
  Record<string, { parameters: string[]; required: number; run: Run; placed: boolean }>
> = {
  search: { parameters: ['string'], required: 1, run: anchored('search'), placed: true },
  match: { parameters: ['string'], required: 1, run: anchored('match'), placed: true },
  fullmatch: { parameters: ['string'], required: 1, run: anchored('fullmatch'), placed: true },
  findall: { parameters: ['string'], required: 1, run: findAll, placed: true },
  finditer: { parameters: ['string'], required: 1, run: findIter, placed: true },
  sub: {
    parameters: ['repl', 'string', 'count'],
    required: 2,
    run: (meter, pattern, args) => substitute(meter, pattern, args)[0],
    placed: false,
  },
  subn: {
    parameters: ['repl', 'string', 'count'],
    required: 2,
    run: (meter, pattern, args) => tuple(substitute(meter, pattern, args)),
    placed: false,
  },
  split: { parameters: ['string', 'maxsplit'], required: 1, run: splitBy, placed: false },
};

export const PATTERN_METHODS: Methods<PyPattern> = Object.fromEntries(
  Object.entries(ACTIONS).map(([name, { parameters, required, run, placed }]) => [
    name,
    (meter: Meter, self: PyPattern, args: readonly Py[], named: Named) =>
      run(
        meter,
        self,
        given(bind(name, placed ? [...parameters, 'pos', 'endpos'] : parameters, required, args, named)),
      ),
  ]),
);

/** The functions of the module re. */
export function reFunctions(meter: Meter): [string, (args: readonly Py[], named: Named) => Py][] {
  const cache: RegexCache = new Map();
  const actions = Object.entries(ACTIONS).map(
    ([name, { parameters, required, run }]): [string, (args: readonly Py[], named: Named) => Py] => [
      name,
      (args, named) => {
        const bound = bind(name, ['pattern', ...parameters, 'flags'], required + 1, args, named);
        const pattern = patternOf(meter, cache, bound[0] ?? null, bound.at(-1) ?? 0n);
        return run(meter, pattern, given(bound.slice(1, -1)));
      },
    ],
  );
  return [
    ...actions,
    [
      'compile',
      (args, named) => {
        const [pattern = null, flags = 0n] = bind('compile', ['pattern', 'flags'], 1, args, named);
        return patternOf(meter, cache, pattern, flags);
      },
    ],
    [
      'escape',
      (args, named) => {
        const [text] = bind('escape', ['pattern'], 1, args, named);
        const plain = subject(text);
        chargeEscapes(meter, plain, SPECIAL);
        return plain.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&');
      },
    ],
  ];
}

/** An upper bound: letters and digits alone are never escaped. */
const SPECIAL = {
  isEscaped: (unit: number) =>
    unit < 0x30 ||
    (unit > 0x39 && unit < 0x41) ||
    (unit > 0x5a && unit < 0x61) ||
    (unit > 0x7a && unit < 0x7f),
  longest: 2,
};

export const RE_FLAGS: readonly [string, bigint][] = [
  ['IGNORECASE', 2n],
  ['I', 2n],
  ['MULTILINE', 8n],
  ['M', 8n],
  ['DOTALL', 16n],
  ['S', 16n],
  ['UNICODE', 32n],
  ['U', 32n],
  ['VERBOSE', 64n],
  ['X', 64n],
  ['ASCII', 256n],
  ['A', 256n],
];

function given(args: readonly (Py | undefined)[]): Py[] {
  const values: Py[] = [];
  for (const value of args) values.push(value ?? null);
  return values;
}

function patternOf(meter: Meter, cache: RegexCache, pattern: Py, flags: Py): PyPattern {
  const bits = smallIndex(flags);
  if (isKind(pattern, 'pattern')) {
    if (bits !== 0) throw fail('ValueError', 'cannot process flags argument with a compiled pattern');
    return pattern;
  }
  if (typeof pattern !== 'string') {
    if (isKind(pattern, 'bytes')) throw fail('TypeError', 'a bytes pattern is not supported here; decode it');
    throw fail('TypeError', 'first argument must be string or compiled pattern');
  }
  return compilePattern(meter, cache, pattern, bits & ~FLAGS.U);
}

function subject(value: Py | undefined): string {
  if (typeof value === 'string') return value;
  if (isKind(value, 'bytes')) throw fail('TypeError', 'cannot use a string pattern on a bytes-like object');
  throw fail('TypeError', `expected string or bytes-like object, got '${typeName(value ?? null)}'`);
}

function placed(meter: Meter, [text, pos = null, endpos = null]: readonly Py[]) {
  return subjectOf(
    meter,
    subject(text),
    pos === null ? 0 : smallIndex(pos),
    endpos === null ? undefined : smallIndex(endpos),
  );
}

function anchored(anchor: Anchor): Run {
  return (meter, pattern, args) => {
    const on = placed(meter, args);
    return on.pos > on.endpos ? null : findMatch(meter, pattern, on, on.pos, anchor);
  };
}

function findAll(meter: Meter, pattern: PyPattern, args: readonly Py[]): Py {
  const { groups } = programOf(pattern);
  return Array.from(allMatches(meter, pattern, placed(meter, args)), (match): Py => {
    meter.allocate(32);
    if (groups <= 1) return groupText(match, groups) ?? '';
    return tuple(Array.from({ length: groups }, (_, i) => groupText(match, i + 1) ?? ''));
  });
}

function findIter(meter: Meter, pattern: PyPattern, args: readonly Py[]): Py {
  return makeIterator('callable_iterator', allMatches(meter, pattern, placed(meter, args)));
}

function substitute(
  meter: Meter,
  pattern: PyPattern,
  [repl = null, text, count = null]: readonly Py[],
): [string, bigint] {
  const on = subjectOf(meter, subject(text));
  const replacement = replacer(repl, pattern);
  const most = count === null ? 0 : smallIndex(count);
  const parts: string[] = [];
  let done = 0;
  let at = 0;
  for (const match of allMatches(meter, pattern, on)) {
    const [start, end] = spanOf(match, 0);
    const between = on.chars.slice(at, start).join('');
    const written = replacement(match);
    claim(meter, between.length + written.length, 2);
    parts.push(between, written);
    at = end;
    if (++done === most) break;
  }
  parts.push(on.chars.slice(at).join(''));
  return [parts.join(''), BigInt(done)];
}

function replacer(repl: Py, pattern: PyPattern): (match: PyMatch) => string {
  if (typeof repl === 'string') {
    const template = parseTemplate(repl, pattern);
    return (match) => expandTemplate(template, match);
  }
  if (!isKind(repl, 'function') && !isKind(repl, 'type'))
    throw fail('TypeError', `decoding to str: need a bytes-like object, ${typeName(repl)} found`);
  return (match) => {
    const written = repl.call([match], NO_NAMES);
    if (written === null) return '';
    if (typeof written === 'string') return written;
    throw fail('TypeError', `sequence item 0: expected str instance, ${typeName(written)} found`);
  };
}

function splitBy(meter: Meter, pattern: PyPattern, [text, most = null]: readonly Py[]): Py {
  const on = subjectOf(meter, subject(text));
  const limit = most === null ? 0 : smallIndex(most);
  const parts: Py[] = [];
  if (limit < 0) return [on.chars.join('')];
  let at = 0;
  let done = 0;
  for (const match of allMatches(meter, pattern, on)) {
    const [start, end] = spanOf(match, 0);
    meter.allocate(end - at + 32);
    parts.push(on.chars.slice(at, start).join(''));
    for (let group = 1; group <= programOf(pattern).groups; group++) parts.push(groupText(match, group));
    at = end;
    if (++done === limit) break;
  }
  parts.push(on.chars.slice(at).join(''));
  return parts;
}

export const MATCH_METHODS: Methods<PyMatch> = {
  group(_meter, self, args, named) {
    positional('group', 0, 100, args, named);
    if (args.length === 0) return groupText(self, 0);
    const texts = args.map((group) => groupText(self, groupNumber(self, group)));
    return texts.length === 1 ? (texts[0] ?? null) : tuple(texts);
  },
  groups(_meter, self, args, named) {
    const [fallback = null] = bind('groups', ['default'], 0, args, named);
    return tuple(
      Array.from({ length: self.spans.length / 2 - 1 }, (_, i) => groupText(self, i + 1) ?? fallback),
    );
  },
  groupdict(meter, self, args, named) {
    const [fallback = null] = bind('groupdict', ['default'], 0, args, named);
    return makeDict(
      meter,
      Array.from(self.names, ([name, number]): [Py, Py] => [name, groupText(self, number) ?? fallback]),
    );
  },
  start: (_meter, self, args) => BigInt(spanOf(self, groupNumber(self, args[0] ?? 0n))[0]),
  end: (_meter, self, args) => BigInt(spanOf(self, groupNumber(self, args[0] ?? 0n))[1]),
  span: (_meter, self, args) => tuple(spanOf(self, groupNumber(self, args[0] ?? 0n)).map(BigInt)),
  expand(_meter, self, args, named) {
    const [template] = bind('expand', ['template'], 1, args, named);
    return expandTemplate(parseTemplate(subject(template), self.pattern), self);
  },
};
