import { fail } from '../errors.ts';

/** A reading position in the characters of a pattern or a replacement. */
export interface Reader {
  at: number;
  peek(): string;
  /** '' at the end. */
  next(): string;
  take(char: string): boolean;
  rest(count: number): string;
  done(): boolean;
  /** Everything up to `close`, which is passed over. */
  until(close: string): string;
  /** `until`, and it is an identifier. */
  name(close: string): string;
}

/** What parsing knows so far; `flags` those in force here. */
export interface RegexState {
  flags: number;
  groups: number;
  names: Map<string, number>;
  open: Set<number>;
  depth: number;
}

export function createReader(chars: readonly string[]): Reader {
  const reader: Reader = {
    at: 0,
    peek: () => chars[reader.at] ?? '',
    next: () => chars[reader.at++] ?? '',
    take(char) {
      if (chars[reader.at] !== char) return false;
      reader.at++;
      return true;
    },
    rest: (count) => chars.slice(reader.at, reader.at + count).join(''),
    done: () => reader.at >= chars.length,
    until(close) {
      const end = chars.indexOf(close, reader.at);
      if (end < 0) throw fail('error', `missing ${close}, unterminated name at position ${reader.at}`);
      const text = chars.slice(reader.at, end).join('');
      if (text === '') throw fail('error', `missing group name at position ${reader.at}`);
      reader.at = end + 1;
      return text;
    },
    name(close) {
      const text = reader.until(close);
      if (!/^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text))
        throw fail(
          'error',
          `bad character in group name '${text}' at position ${reader.at - text.length - 1}`,
        );
      return text;
    },
  };
  return reader;
}
