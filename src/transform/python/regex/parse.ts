import { fail, type PyError } from '../errors.ts';
import { parseEscape, parseSet } from './parse-class.ts';
import { createReader, type Reader, type RegexState } from './reader.ts';
import { FLAGS, type ParsedRegex, type RegexNode, widthOf } from './syntax.ts';

const MAX_DEPTH = 50;
const MAX_REPEAT = 4_294_967_295;

/** Parses a pattern as Python 3.11's re does. Throws PyError `error`. */
export function parseRegex(pattern: string, flags: number): ParsedRegex {
  const reader = createReader([...pattern]);
  const leading = leadingFlags(reader);
  const state: RegexState = {
    flags: flags | leading,
    groups: 0,
    names: new Map(),
    open: new Set(),
    depth: 0,
  };
  const root = parseChoice(reader, state);
  if (!reader.done()) throw wrong('unbalanced parenthesis', reader);
  if (state.flags & FLAGS.L) throw wrong('the flag L is not supported here', reader);
  return {
    root,
    groups: state.groups,
    names: state.names,
    flags: state.flags | (state.flags & FLAGS.A ? 0 : FLAGS.U),
  };
}

function wrong(message: string, reader: Reader): PyError {
  return fail('error', `${message} at position ${reader.at}`);
}

/** (?i) and its like at the very start. */
function leadingFlags(reader: Reader): number {
  let flags = 0;
  for (;;) {
    const match = /^\(\?([aimsxuL]+)\)/.exec(reader.rest(12));
    if (!match) return flags;
    for (const letter of match[1] ?? '') flags |= flagOf(letter);
    reader.at += match[0].length;
  }
}

function flagOf(letter: string): number {
  const name = letter === 'L' ? 'L' : letter.toUpperCase();
  return Object.hasOwn(FLAGS, name) ? FLAGS[name as keyof typeof FLAGS] : 0;
}

function parseChoice(reader: Reader, state: RegexState): RegexNode {
  if (++state.depth > MAX_DEPTH) throw fail('RecursionError', 'the pattern is nested too deep');
  const options = [parseSequence(reader, state)];
  while (reader.take('|')) options.push(parseSequence(reader, state));
  state.depth--;
  const [only] = options;
  return options.length === 1 && only ? only : { kind: 'choice', options };
}

function parseSequence(reader: Reader, state: RegexState): RegexNode {
  const items: RegexNode[] = [];
  for (;;) {
    skipVerbose(reader, state);
    const char = reader.peek();
    if (char === '' || char === '|' || char === ')') break;
    const atom = parseAtom(reader, state);
    if (atom) items.push(parseQuantifiers(reader, state, atom));
  }
  const [only] = items;
  return items.length === 1 && only ? only : { kind: 'sequence', items };
}

function skipVerbose(reader: Reader, state: RegexState): void {
  if (!(state.flags & FLAGS.X)) return;
  for (;;) {
    if (/^[ \t\n\r\f\v]$/.test(reader.peek())) reader.at++;
    else if (reader.peek() === '#') while (reader.peek() !== '' && reader.next() !== '\n');
    else return;
  }
}

/** null: nothing to match (a comment). */
function parseAtom(reader: Reader, state: RegexState): RegexNode | null {
  const char = reader.next();
  const multiline = (state.flags & FLAGS.M) !== 0;
  switch (char) {
    case '.':
      return { kind: 'any', newline: (state.flags & FLAGS.S) !== 0 };
    case '^':
      return { kind: multiline ? 'lineStart' : 'start' };
    case '$':
      return { kind: multiline ? 'lineEnd' : 'end' };
    case '[':
      return { kind: 'set', set: parseSet(reader, state) };
    case '\\':
      return parseEscape(reader, state);
    case '(':
      return parseGroup(reader, state);
    case '*':
    case '+':
    case '?':
      throw wrong('nothing to repeat', reader);
    case '{':
      reader.at--;
      if (takeBounds(reader)) throw wrong('nothing to repeat', reader);
      reader.at++;
      return { kind: 'char', char, ignoreCase: false };
    default:
      return { kind: 'char', char, ignoreCase: (state.flags & FLAGS.I) !== 0 };
  }
}

function parseQuantifiers(reader: Reader, state: RegexState, atom: RegexNode): RegexNode {
  skipVerbose(reader, state);
  const bounds = takeQuantifier(reader);
  if (!bounds) return atom;
  if (
    ['start', 'end', 'lineStart', 'lineEnd', 'textEnd', 'boundary'].includes(atom.kind) &&
    atom.kind !== 'end'
  )
    if (atom.kind === 'start' || atom.kind === 'lineStart') throw wrong('nothing to repeat', reader);
  const mode = reader.take('?') ? 'lazy' : reader.take('+') ? 'possessive' : 'greedy';
  const node: RegexNode = { kind: 'repeat', body: atom, min: bounds[0], max: bounds[1], mode };
  skipVerbose(reader, state);
  if (takeQuantifier(reader)) throw wrong('multiple repeat', reader);
  return node;
}

function takeQuantifier(reader: Reader): [number, number] | null {
  if (reader.take('*')) return [0, Number.POSITIVE_INFINITY];
  if (reader.take('+')) return [1, Number.POSITIVE_INFINITY];
  if (reader.take('?')) return [0, 1];
  return takeBounds(reader);
}

function takeBounds(reader: Reader): [number, number] | null {
  const match = /^\{(\d*)(?:(,)(\d*))?\}/.exec(reader.rest(40));
  if (!match || match[0] === '{}' || (match[1] === '' && match[2] === undefined)) return null;
  reader.at += match[0].length;
  const min = Number(match[1] || 0);
  const max = match[2] === undefined ? min : match[3] ? Number(match[3]) : Number.POSITIVE_INFINITY;
  if (min >= MAX_REPEAT || (max >= MAX_REPEAT && max !== Number.POSITIVE_INFINITY))
    throw fail('OverflowError', 'the repetition number is too large');
  if (max < min) throw wrong('min repeat greater than max repeat', reader);
  return [min, max];
}

function parseGroup(reader: Reader, state: RegexState): RegexNode | null {
  if (!reader.take('?')) return capture(reader, state, null);
  const mark = reader.next();
  switch (mark) {
    case ':':
      return closed(reader, state);
    case '>':
      return { kind: 'atomic', body: closed(reader, state) };
    case '=':
    case '!':
      return { kind: 'look', behind: null, negated: mark === '!', body: closed(reader, state) };
    case '<':
      return lookBehind(reader, state);
    case 'P':
      return namedGroup(reader, state);
    case '#':
      while (reader.peek() !== ')')
        if (reader.next() === '') throw wrong('missing ), unterminated comment', reader);
      reader.at++;
      return null;
    case '(':
      return conditional(reader, state);
    default:
      reader.at--;
      return scopedFlags(reader, state);
  }
}

function closed(reader: Reader, state: RegexState): RegexNode {
  const flags = state.flags;
  const body = parseChoice(reader, state);
  if (!reader.take(')')) throw wrong('missing ), unterminated subpattern', reader);
  state.flags = flags;
  return body;
}

function capture(reader: Reader, state: RegexState, name: string | null): RegexNode {
  const number = ++state.groups;
  if (number > 100) throw fail('error', 'too many groups');
  if (name !== null) {
    if (state.names.has(name)) throw wrong(`redefinition of group name '${name}' as group ${number}`, reader);
    state.names.set(name, number);
  }
  state.open.add(number);
  const body = closed(reader, state);
  state.open.delete(number);
  return { kind: 'group', number, body };
}

function lookBehind(reader: Reader, state: RegexState): RegexNode {
  const mark = reader.next();
  if (mark !== '=' && mark !== '!') throw wrong(`unknown extension ?<${mark}`, reader);
  const body = closed(reader, state);
  const [low, high] = widthOf(body);
  if (low !== high) throw fail('error', 'look-behind requires fixed-width pattern');
  return { kind: 'look', behind: low, negated: mark === '!', body };
}

function namedGroup(reader: Reader, state: RegexState): RegexNode {
  if (reader.take('<')) return capture(reader, state, reader.name('>'));
  if (!reader.take('=')) throw wrong(`unknown extension ?P${reader.peek()}`, reader);
  const name = reader.name(')');
  const number = state.names.get(name);
  if (number === undefined) throw wrong(`unknown group name '${name}'`, reader);
  if (state.open.has(number)) throw wrong('cannot refer to an open group', reader);
  return { kind: 'backreference', number, ignoreCase: (state.flags & FLAGS.I) !== 0 };
}

function conditional(reader: Reader, state: RegexState): RegexNode {
  const name = reader.until(')');
  const number = /^\d+$/.test(name) ? Number(name) : state.names.get(name);
  if (number === undefined) throw wrong(`unknown group name '${name}'`, reader);
  if (number === 0) throw wrong('bad group number', reader);
  const yes = parseSequence(reader, state);
  const no: RegexNode = reader.take('|') ? parseSequence(reader, state) : { kind: 'sequence', items: [] };
  if (reader.peek() === '|') throw wrong('conditional backref with more than two branches', reader);
  if (!reader.take(')')) throw wrong('missing ), unterminated subpattern', reader);
  return { kind: 'conditional', number, yes, no };
}

/** (?i:...), (?-i:...), (?s-i:...). */
function scopedFlags(reader: Reader, state: RegexState): RegexNode {
  const match = /^([aiLmsux]*)(?:-([imsx]+))?([:)])/.exec(reader.rest(20));
  if (!match || (match[1] === '' && match[2] === undefined))
    throw wrong(`unknown extension ?${reader.peek()}`, reader);
  if (match[3] === ')') throw wrong('global flags not at the start of the expression', reader);
  reader.at += match[0].length;
  const before = state.flags;
  for (const letter of match[1] ?? '') state.flags |= flagOf(letter);
  for (const letter of match[2] ?? '') state.flags &= ~flagOf(letter);
  const body = parseChoice(reader, state);
  if (!reader.take(')')) throw wrong('missing ), unterminated subpattern', reader);
  state.flags = before;
  return body;
}
