import { fail } from '../errors.ts';
import type { Meter } from '../meter.ts';
import type { Py, PyMatch, PyPattern } from '../values.ts';
import { compileRegex, type Matcher, type MatchState } from './compile.ts';
import { parseRegex } from './parse.ts';

interface Program {
  match: Matcher;
  groups: number;
  names: ReadonlyMap<string, number>;
}

export type Anchor = 'search' | 'match' | 'fullmatch';

/** Compiles each pattern once; the caller keeps the cache. */
export type RegexCache = Map<string, PyPattern>;

const MAX_CACHED = 200;

/** re.compile. Throws PyError `error`. */
export function compilePattern(meter: Meter, cache: RegexCache, source: string, flags: number): PyPattern {
  const key = `${flags}:${source}`;
  const known = cache.get(key);
  if (known) return known;
  meter.spend(100 + source.length * 10);
  if (source.length > 10_000) throw fail('error', 'a pattern of more than 10000 characters');
  const { root, groups, names, flags: inForce } = parseRegex(source, flags);
  const program: Program = { match: compileRegex(root), groups, names };
  const pattern: PyPattern = { kind: 'pattern', source, flags: inForce, program };
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, pattern);
  return pattern;
}

export function programOf(pattern: PyPattern): Program {
  return pattern.program as Program;
}

export interface Subject {
  chars: readonly string[];
  pos: number;
  endpos: number;
}

export function subjectOf(meter: Meter, text: string, pos = 0, endpos = Number.POSITIVE_INFINITY): Subject {
  meter.allocate(text.length * 8);
  meter.spend(text.length >> 3);
  const chars = Array.from(text);
  const end = Math.max(0, Math.min(endpos, chars.length));
  return { chars, pos: Math.max(0, Math.min(pos, chars.length)), endpos: end };
}

/** The first match from `from` on; `mustAdvance`: at `from` itself an empty one does not count. */
export function findMatch(
  meter: Meter,
  pattern: PyPattern,
  subject: Subject,
  from: number,
  anchor: Anchor,
  mustAdvance = false,
): PyMatch | null {
  const { match, groups, names } = programOf(pattern);
  const last = anchor === 'search' ? subject.endpos : Math.min(from, subject.endpos);
  for (let at = from; at <= last; at++) {
    meter.spend(1);
    const state: MatchState = {
      meter,
      chars: subject.chars,
      end: subject.endpos,
      marks: new Array((groups + 1) * 2).fill(-1),
      last: 0,
    };
    const found = run(match, state, at, (end) => {
      if (anchor === 'fullmatch' && end !== subject.endpos) return false;
      if (mustAdvance && at === from && end === from) return false;
      state.marks[1] = end;
      return true;
    });
    if (!found) continue;
    state.marks[0] = at;
    return {
      kind: 'match',
      pattern,
      text: subject.chars,
      spans: state.marks,
      last: state.last,
      names,
      pos: subject.pos,
      endpos: subject.endpos,
    };
  }
  return null;
}

function run(match: Matcher, state: MatchState, at: number, done: (end: number) => boolean): boolean {
  try {
    return match(state, at, done);
  } catch (error) {
    if (error instanceof RangeError)
      throw fail('RecursionError', 'the pattern needs too many steps back on this text');
    throw error;
  }
}

/** Every match in turn, as finditer gives them. */
export function* allMatches(
  meter: Meter,
  pattern: PyPattern,
  subject: Subject,
): Generator<PyMatch, void, undefined> {
  let at = subject.pos;
  let mustAdvance = false;
  while (at <= subject.endpos) {
    const found = findMatch(meter, pattern, subject, at, 'search', mustAdvance);
    if (!found) return;
    yield found;
    const [start, end] = spanOf(found, 0);
    mustAdvance = start === end;
    at = end;
  }
}

export function spanOf({ spans }: PyMatch, group: number): [number, number] {
  return [spans[group * 2] ?? -1, spans[group * 2 + 1] ?? -1];
}

/** A group's text; null where it took no part. */
export function groupText(match: PyMatch, group: number): string | null {
  const [start, end] = spanOf(match, group);
  return start < 0 || end < 0 ? null : match.text.slice(start, end).join('');
}

/** The number of a group given by number or name. Throws IndexError. */
export function groupNumber(match: PyMatch, group: Py): number {
  const number =
    typeof group === 'string'
      ? match.names.get(group)
      : typeof group === 'bigint'
        ? Number(group)
        : typeof group === 'boolean'
          ? Number(group)
          : undefined;
  if (number === undefined || number < 0 || number * 2 >= match.spans.length)
    throw fail('IndexError', 'no such group');
  return number;
}
