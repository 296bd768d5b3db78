import { refuse } from './refusal.ts';
import { decodeBytes, decodeEscapes } from './string-escapes.ts';

export type Token =
  | { kind: 'name' | 'op'; text: string; pos: number }
  | { kind: 'int'; value: bigint; pos: number }
  | { kind: 'float'; value: number; pos: number }
  | { kind: 'string'; value: string; pos: number }
  /** `body` is the raw text between the quotes; bodyPos where it starts. */
  | { kind: 'fstring'; body: string; raw: boolean; pos: number; bodyPos: number }
  | { kind: 'bytes'; value: Uint8Array; pos: number }
  | { kind: 'end'; text: ''; pos: number };

export const MAX_EXPRESSION_BYTES = 1024;
const MAX_TOKENS = 400;
const MAX_INT_DIGITS = 400;

const SPACE = /[ \t]*/y;
const STRING = /([A-Za-z]{0,2})('''|"""|'|")/y;
const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:[0-9](?:_?[0-9])*)?\.?(?:[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR =
  /\*\*=|\/\/=|<<=|>>=|\.\.\.|:=|->|[-+*/%&|^@]=|==|!=|<=|>=|\*\*|\/\/|<<|>>|[-+*/%@<>()[\]{}:.,&|^~=;!]/y;

/** Python's tokens of one expression, bounded in length and number. Throws InvalidError `expression.*`. */
export function tokenize(text: string, offset = 0): Token[] {
  assertPlainText(text);
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const [token, next] = readToken(text, at, offset);
    tokens.push(token);
    if (tokens.length > MAX_TOKENS) throw refuse('too_deep', `More than ${MAX_TOKENS} tokens`, at + offset);
    at = skipSpace(text, next);
  }
  tokens.push({ kind: 'end', text: '', pos: text.length + offset });
  return tokens;
}

function assertPlainText(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EXPRESSION_BYTES) {
    throw refuse(
      'too_long',
      `The expression has ${bytes} bytes; at most ${MAX_EXPRESSION_BYTES} are allowed`,
      0,
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const control = /[\x00-\x08\x0a-\x1f\x7f]/.exec(text);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw refuse(
      'control_character',
      `Control character \\x${code}; an expression is one line`,
      control.index,
    );
  }
  if (!text.isWellFormed()) throw refuse('control_character', 'A lone surrogate is not a character', 0);
}

function readToken(text: string, at: number, offset: number): [Token, number] {
  const quote = matchAt(STRING, text, at);
  if (quote) return readString(text, at, quote, offset);
  const name = matchAt(NAME, text, at);
  if (name) return [{ kind: 'name', text: name[0], pos: at + offset }, at + name[0].length];
  const char = text[at] ?? '';
  if (/[0-9]/.test(char) || (char === '.' && /[0-9]/.test(text[at + 1] ?? '')))
    return readNumber(text, at, offset);
  const operator = matchAt(OPERATOR, text, at);
  if (operator) return [{ kind: 'op', text: operator[0], pos: at + offset }, at + operator[0].length];
  throw refuse('syntax', `Character ${JSON.stringify(char)} has no place in an expression`, at + offset);
}

function readNumber(text: string, at: number, offset: number): [Token, number] {
  const source = matchAt(NUMBER, text, at)?.[0] ?? '';
  const end = at + source.length;
  const pos = at + offset;
  if (/[jJ]/.test(text[end] ?? '')) throw refuse('construct_not_supported', 'Complex numbers', pos);
  if (/[A-Za-z0-9_]/.test(text[end] ?? '')) throw refuse('syntax', `Malformed number near "${source}"`, pos);
  const digits = source.replaceAll('_', '');
  if (digits.length > MAX_INT_DIGITS) throw refuse('too_long', `A number of ${digits.length} digits`, pos);
  if (/^0[xXoObB]/.test(digits)) return [{ kind: 'int', value: BigInt(digits.toLowerCase()), pos }, end];
  if (/[.eE]/.test(digits)) return [{ kind: 'float', value: Number(digits), pos }, end];
  if (/^0+[1-9]/.test(digits)) throw refuse('syntax', `A number cannot start with 0: "${source}"`, pos);
  return [{ kind: 'int', value: BigInt(digits), pos }, end];
}

function readString(text: string, at: number, head: RegExpExecArray, offset: number): [Token, number] {
  const prefix = (head[1] ?? '').toLowerCase();
  const quote = head[2] ?? '';
  const pos = at + offset;
  if (!['', 'r', 'u', 'f', 'rf', 'fr', 'b', 'rb', 'br'].includes(prefix))
    throw refuse('syntax', `String prefix "${prefix}"`, pos);
  const start = at + head[0].length;
  const end = closingQuote(text, start, quote);
  if (end < 0) throw refuse('syntax', 'A string is not closed', pos);
  const body = text.slice(start, end);
  const raw = prefix.includes('r');
  const next = end + quote.length;
  if (prefix.includes('b')) return [{ kind: 'bytes', value: decodeBytes(body, raw, pos), pos }, next];
  if (prefix.includes('f')) return [{ kind: 'fstring', body, raw, pos, bodyPos: start + offset }, next];
  return [{ kind: 'string', value: raw ? body : decodeEscapes(body, start + offset), pos }, next];
}

function closingQuote(text: string, start: number, quote: string): number {
  for (let i = start; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text.startsWith(quote, i)) return i;
  }
  return -1;
}

function skipSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.[0].length ?? 0);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
