import type { Meter } from '../meter.ts';
import { isAlnum, isSpace } from '../unicode-text.ts';
import type { CharSet, CharSetItem, RegexNode } from './syntax.ts';

/** One run over one text. `marks`: start and end of each group, -1 where it took no part. */
export interface MatchState {
  meter: Meter;
  chars: readonly string[];
  end: number;
  marks: number[];
  /** The group that ended last; 0: none has. */
  last: number;
}

type Next = (at: number) => boolean;
/** Tries to match from `at` and, with what it has matched, whatever comes next. */
export type Matcher = (state: MatchState, at: number, next: Next) => boolean;
type Test = (char: string) => boolean;

/** Backtracking, a step of the meter for every try: a pattern that explodes ends with its value. */
export function compileRegex(node: RegexNode): Matcher {
  const test = testOf(node);
  if (test) {
    return (state, at, next) => {
      state.meter.spend(1);
      return at < state.end && test(state.chars[at] ?? '') && next(at + 1);
    };
  }
  switch (node.kind) {
    case 'sequence':
      return inOrder(node.items.map(compileRegex));
    case 'choice':
      return eitherOf(node.options.map(compileRegex));
    case 'group':
      return captured(node.number, compileRegex(node.body));
    case 'atomic':
      return atomic(compileRegex(node.body));
    case 'repeat':
      return repeated(node);
    case 'look':
      return looked(node, compileRegex(node.body));
    case 'backreference':
      return backreference(node.number, node.ignoreCase);
    case 'conditional': {
      const [yes, no] = [compileRegex(node.yes), compileRegex(node.no)];
      return (state, at, next) => ((state.marks[node.number * 2 + 1] ?? -1) >= 0 ? yes : no)(state, at, next);
    }
    default:
      return positionMatcher(node);
  }
}

function positionMatcher(node: RegexNode): Matcher {
  switch (node.kind) {
    case 'start':
      return (_state, at, next) => at === 0 && next(at);
    case 'lineStart':
      return (state, at, next) => (at === 0 || state.chars[at - 1] === '\n') && next(at);
    case 'textEnd':
      return (state, at, next) => at === state.end && next(at);
    case 'end':
      return (state, at, next) =>
        (at === state.end || (at === state.end - 1 && state.chars[at] === '\n')) && next(at);
    case 'lineEnd':
      return (state, at, next) => (at === state.end || state.chars[at] === '\n') && next(at);
    case 'boundary': {
      const isWord = (state: MatchState, at: number) =>
        at >= 0 && at < state.end && isWordCharacter(state.chars[at] ?? '', node.ascii);
      return (state, at, next) =>
        state.end > 0 && (isWord(state, at - 1) !== isWord(state, at)) !== node.negated && next(at);
    }
    default:
      return (_state, at, next) => next(at);
  }
}

function inOrder(items: readonly Matcher[]): Matcher {
  const [first, second, ...rest] = items;
  if (!first) return (_state, at, next) => next(at);
  if (!second) return first;
  const tail = rest.length === 0 ? second : inOrder([second, ...rest]);
  return (state, at, next) => first(state, at, (middle) => tail(state, middle, next));
}

function eitherOf(options: readonly Matcher[]): Matcher {
  return (state, at, next) => {
    for (const option of options) {
      state.meter.spend(1);
      if (option(state, at, next)) return true;
    }
    return false;
  };
}

function captured(number: number, body: Matcher): Matcher {
  return (state, at, next) => {
    const { marks } = state;
    const [start, end] = [marks[number * 2] ?? -1, marks[number * 2 + 1] ?? -1];
    const found = body(state, at, (after) => {
      const [innerStart, innerEnd] = [marks[number * 2] ?? -1, marks[number * 2 + 1] ?? -1];
      const { last } = state;
      marks[number * 2] = at;
      marks[number * 2 + 1] = after;
      state.last = number;
      if (next(after)) return true;
      marks[number * 2] = innerStart;
      marks[number * 2 + 1] = innerEnd;
      state.last = last;
      return false;
    });
    if (!found) {
      marks[number * 2] = start;
      marks[number * 2 + 1] = end;
    }
    return found;
  };
}

function atomic(body: Matcher): Matcher {
  return (state, at, next) => {
    const before = marked(state);
    let stop = -1;
    const found = body(state, at, (after) => {
      stop = after;
      return true;
    });
    if (found && next(stop)) return true;
    restore(state, before);
    return false;
  };
}

type Marked = Pick<MatchState, 'marks' | 'last'>;

function marked({ marks, last }: MatchState): Marked {
  return { marks: [...marks], last };
}

function restore(state: MatchState, { marks, last }: Marked): void {
  for (let i = 0; i < marks.length; i++) state.marks[i] = marks[i] ?? -1;
  state.last = last;
}

function looked({ behind, negated }: Extract<RegexNode, { kind: 'look' }>, body: Matcher): Matcher {
  return (state, at, next) => {
    const from = behind === null ? at : at - behind;
    const before = marked(state);
    const found = from >= 0 && body(state, from, (after) => behind === null || after === at);
    if (negated) restore(state, before);
    if (found !== negated && next(at)) return true;
    restore(state, before);
    return false;
  };
}

function backreference(number: number, ignoreCase: boolean): Matcher {
  return (state, at, next) => {
    const [start, end] = [state.marks[number * 2] ?? -1, state.marks[number * 2 + 1] ?? -1];
    if (start < 0 || end < 0) return false;
    for (let i = 0; i < end - start; i++) {
      state.meter.spend(1);
      const [a, b] = [state.chars[start + i] ?? '', at + i < state.end ? (state.chars[at + i] ?? '') : ''];
      if (b === '' || (ignoreCase ? !sameLetter(a, b) : a !== b)) return false;
    }
    return next(at + end - start);
  };
}

function repeated(node: Extract<RegexNode, { kind: 'repeat' }>): Matcher {
  const test = testOf(node.body);
  if (test) return repeatedCharacter(test, node);
  const body = compileRegex(node.body);
  if (node.mode === 'possessive') return atomic(repeatedBody(body, { ...node, mode: 'greedy' }));
  return repeatedBody(body, node);
}

type Repeat = Extract<RegexNode, { kind: 'repeat' }>;

/** One character again and again needs no recursion. */
function repeatedCharacter(test: Test, { min, max, mode }: Repeat): Matcher {
  return (state, at, next) => {
    let stop = at;
    const most = Math.min(state.end, at + max);
    if (mode === 'lazy') {
      for (;;) {
        if (stop - at >= min && next(stop)) return true;
        state.meter.spend(1);
        if (stop >= most || !test(state.chars[stop] ?? '')) return false;
        stop++;
      }
    }
    while (stop < most && test(state.chars[stop] ?? '')) stop++;
    state.meter.spend(stop - at + 1);
    if (stop - at < min) return false;
    if (mode === 'possessive') return next(stop);
    for (; stop - at >= min; stop--) {
      state.meter.spend(1);
      if (next(stop)) return true;
    }
    return false;
  };
}

function repeatedBody(body: Matcher, { min, max, mode }: Repeat): Matcher {
  const step = (state: MatchState, at: number, count: number, last: number, next: Next): boolean => {
    state.meter.spend(1);
    const again = () => body(state, at, (after) => step(state, after, count + 1, at, next));
    if (count < min) return again();
    const more = count < max && at !== last;
    if (mode === 'lazy') return next(at) || (more && again());
    return (more && again()) || next(at);
  };
  return (state, at, next) => step(state, at, 0, -1, next);
}

function testOf(node: RegexNode): Test | null {
  switch (node.kind) {
    case 'char':
      return node.ignoreCase ? (char) => sameLetter(node.char, char) : (char) => char === node.char;
    case 'any':
      return node.newline ? () => true : (char) => char !== '\n';
    case 'set':
      return setTest(node.set);
    default:
      return null;
  }
}

function sameLetter(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase() || a.toUpperCase() === b.toUpperCase();
}

function setTest({ items, negated, ignoreCase }: CharSet): Test {
  const holds = (char: string) => {
    const code = char.codePointAt(0) ?? 0;
    return items.some((item) => inItem(item, char, code));
  };
  if (!ignoreCase) return (char) => holds(char) !== negated;
  return (char) => variants(char).some(holds) !== negated;
}

function variants(char: string): string[] {
  const upper = char.toUpperCase();
  return [char, char.toLowerCase(), upper, upper.toLowerCase()].filter((one) => [...one].length === 1);
}

function inItem(item: CharSetItem, char: string, code: number): boolean {
  if (item.kind === 'range') return code >= item.from && code <= item.to;
  switch (item.name) {
    case 'd':
      return isDigitCharacter(char, item.ascii);
    case 'D':
      return !isDigitCharacter(char, item.ascii);
    case 'w':
      return isWordCharacter(char, item.ascii);
    case 'W':
      return !isWordCharacter(char, item.ascii);
    case 's':
      return isSpaceCharacter(char, item.ascii);
    case 'S':
      return !isSpaceCharacter(char, item.ascii);
  }
}

function isDigitCharacter(char: string, ascii: boolean): boolean {
  return char >= '0' && char <= '9' ? char.length === 1 : !ascii && /\p{Nd}/u.test(char);
}

function isWordCharacter(char: string, ascii: boolean): boolean {
  if (/^[A-Za-z0-9_]$/.test(char)) return true;
  return !ascii && char > '\x7f' && isAlnum(char);
}

function isSpaceCharacter(char: string, ascii: boolean): boolean {
  return ascii ? /^[ \t\n\r\f\v]$/.test(char) : isSpace(char);
}
