/** One CSV record cut out of a text. `problem` names what is wrong with it; the next record starts at `next` all the same. */
export interface CsvRecord {
  fields: string[];
  next: number;
  problem: string | undefined;
}

/**
 * Cuts the record that starts at `start` (RFC 4180; LF and CRLF may be mixed; a quote inside an unquoted field is a character).
 * null: the text ends inside a quoted field.
 */
export function cutRecord(text: string, start: number, delimiter: string, quote: string): CsvRecord | null {
  const record: CsvRecord = { fields: [], next: start, problem: undefined };
  let at = start;
  for (;;) {
    const end =
      text[at] === quote
        ? cutQuoted(text, at, delimiter, quote, record)
        : cutBare(text, at, delimiter, record);
    if (end === null) return null;
    if (text[end] !== delimiter) {
      record.next = Math.min(text.length, end + 1);
      return record;
    }
    at = end + 1;
  }
}

/** Adds the unquoted field at `at`; answers where its delimiter, line end or the text's end is. */
function cutBare(text: string, at: number, delimiter: string, record: CsvRecord): number {
  const lineEnd = indexOrEnd(text, '\n', at);
  let end = text.indexOf(delimiter, at);
  if (end < 0 || end > lineEnd) end = lineEnd;
  const field = text.slice(at, end);
  record.fields.push(end === lineEnd && field.endsWith('\r') ? field.slice(0, -1) : field);
  return end;
}

function cutQuoted(
  text: string,
  at: number,
  delimiter: string,
  quote: string,
  record: CsvRecord,
): number | null {
  let from = at + 1;
  let value = '';
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close < 0) return null;
    value += text.slice(from, close);
    if (text[close + 1] === quote) {
      value += quote;
      from = close + 2;
      continue;
    }
    record.fields.push(value);
    return endOfQuoted(text, close + 1, delimiter, record);
  }
}

function endOfQuoted(text: string, after: number, delimiter: string, record: CsvRecord): number {
  const lineEnd = indexOrEnd(text, '\n', after);
  if (after === lineEnd || text[after] === delimiter) return after;
  if (text[after] === '\r' && after + 1 === lineEnd) return lineEnd;
  record.problem = 'a closing quote is followed by text';
  return lineEnd;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}
