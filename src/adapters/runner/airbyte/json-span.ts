/** A member of a JSON object, where its value stands in the text. */
export interface MemberSpan {
  key: string;
  start: number;
  end: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125];

/**
 * The members of the object that begins at `at`, in their order, without parsing their values: text cut out by a span is the value as it
 * was written. The text must be valid JSON, for whatever else it answers nonsense or throws SyntaxError.
 */
export function memberSpans(text: string, at = 0): MemberSpan[] {
  const spans: MemberSpan[] = [];
  let next = skipSpace(text, skipSpace(text, at) + 1);
  while (next < text.length && text.charCodeAt(next) !== CLOSE_BRACE) {
    if (text.charCodeAt(next) === COMMA) next = skipSpace(text, next + 1);
    const keyEnd = stringEnd(text, next);
    const key = String(JSON.parse(text.slice(next, keyEnd)));
    const colon = skipSpace(text, keyEnd);
    if (text.charCodeAt(colon) !== COLON) throw new SyntaxError('no value follows a key');
    const start = skipSpace(text, colon + 1);
    const end = valueEnd(text, start);
    spans.push({ key, start, end });
    next = skipSpace(text, end);
  }
  return spans;
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedEnd(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SyntaxError('an object or array has no end');
}

/** Past the quote that ends the string beginning at `start`. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  throw new SyntaxError('a string has no end');
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text.charCodeAt(next))) next += 1;
  return next;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code);
}
