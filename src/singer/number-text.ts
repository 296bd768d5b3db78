/**
 * Numbers a double would change (2^53 + 1, 1.10, 1e400) travel through JSON.parse as strings that begin with a mark and go on
 * with the number as written. A real string that begins with the mark gets MARK + "s" before it, so nothing can be mistaken.
 */
export const MARK = '\u0080';
export const MARK_CODE = 0x80;

const LOSSY_NUMBER =
  /([:,[\s])(?=-?(?:[\d.]{16}|\d+\.\d*0\s*[,}\]]|\d+(?:\.\d+)?[eE]))(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,}\]])/g;

/** The same JSON lines with lossy numbers as marked strings; a line it breaks (a number-like text inside a string) fails to parse. */
export function markNumbers(text: string): string {
  return text.replace(LOSSY_NUMBER, `$1"${MARK}$2"`);
}

/** Whether marks could be mistaken for the text's own characters. */
export function mentionsMark(text: string): boolean {
  return text.includes(MARK) || /\\u0080/.test(text);
}

/** Slow and sure: the same outcome as markNumbers and JSON.parse, for any text. Throws SyntaxError. */
export function parseMarked(text: string): unknown {
  return JSON.parse(text, markValue);
}

/** The JSON text of a parsed value, numbers as they were written, without what jsonb cannot hold (NUL, lone surrogates: U+FFFD). */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value);
  const plain = text.includes(MARK) ? text.replace(/(?<!\\)"\u0080(?:s|(-?\d[^"]*)")/g, unmark) : text;
  if (!plain.includes('\\u')) return plain;
  return plain.replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, (found) =>
    found === '\\\\' ? found : '\ufffd',
  );
}

/** What a marked string stands for: number text, or the real string. */
export function readMarked(text: string): { number: string } | { string: string } {
  return text[1] === 's' ? { string: text.slice(2) } : { number: text.slice(1) };
}

function unmark(_found: string, number: string | undefined): string {
  return number ?? '"';
}

function markValue(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === MARK_CODE ? `${MARK}s${value}` : value;
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : MARK + context.source;
}
