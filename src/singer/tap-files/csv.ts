import { textCell } from './cells.ts';
import type { Column, Columns } from './columns.ts';
import { type CsvRecord, cutRecord } from './csv-record.ts';
import { FileError } from './errors.ts';
import { uniqueNames } from './header.ts';
import type { ReadOptions, RowSink } from './row-sink.ts';
import { countNewlines, MAX_RECORD_BYTES, type TextBlock } from './text-blocks.ts';

export interface CsvTarget {
  columns: Columns;
  sink: RowSink;
  /** The names in the header, when the blocks start behind it. */
  header?: readonly string[] | undefined;
}

/**
 * Reads CSV blocks into the sink. Throws FileError when a quote is never closed or the header is unusable.
 * Own reader because csv-parse 7 only cuts as many rows/s (240,000) as this tap cuts, types and prints, takes the line end of the first line for
 * all (rows of a file with mixed ends are glued together), and cannot go on behind a bad row.
 */
export async function readCsv(
  blocks: AsyncIterable<TextBlock>,
  options: ReadOptions,
  target: CsvTarget,
): Promise<void> {
  const { columns, sink } = target;
  let layout = target.header?.map((name) => columns.get(name));
  let open = { text: '', line: 0, badLines: new Set<number>() };
  for await (const block of blocks) {
    if (open.text === '') open.line = block.firstLine;
    const badLines = new Set([...open.badLines, ...block.badLines]);
    const rest = cutBlock(open.text + block.text, open.line, badLines, options, onRecord);
    open = { ...rest, badLines: rest.text === '' ? new Set() : badLines };
    if (open.text.length > MAX_RECORD_BYTES) throw unclosed('tap.record_too_large', open.line);
    if (!(await sink.ready())) return;
  }
  if (open.text !== '') throw unclosed('tap.file_corrupt', open.line);

  function onRecord(fields: string[], line: number, problem: string | undefined): void {
    if (layout) {
      emitRow({ fields, line, problem, layout, options, columns, sink });
      return;
    }
    if (options.hasHeader && problem !== undefined) throw badHeader(problem, line);
    const names = uniqueNames(options.hasHeader ? fields : fields.map(() => ''));
    layout = names.map((name) => columns.get(name));
    if (!options.hasHeader) emitRow({ fields, line, problem, layout, options, columns, sink });
    else if (fields.some((field) => field.includes('\r')))
      throw badHeader('lines end with CR alone; use LF or CRLF', line);
  }
}

type OnRecord = (fields: string[], line: number, problem: string | undefined) => void;

/** Calls `onRecord` for each whole record; answers what is left, a record whose quoted field goes on behind the text. */
function cutBlock(
  text: string,
  firstLine: number,
  badLines: ReadonlySet<number>,
  { delimiter, quote }: ReadOptions,
  onRecord: OnRecord,
): { text: string; line: number } {
  let line = firstLine;
  let nextQuote = indexOrEnd(text, quote, 0);
  for (let at = 0; at < text.length; ) {
    const lineEnd = indexOrEnd(text, '\n', at);
    if (nextQuote < at) nextQuote = indexOrEnd(text, quote, at);
    if (nextQuote > lineEnd) {
      const end = text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd;
      if (end > at) onRecord(text.slice(at, end).split(delimiter), line, invalidAt(badLines, line, line));
      at = lineEnd + 1;
      line++;
      continue;
    }
    const record: CsvRecord | null = cutRecord(text, at, delimiter, quote);
    if (!record) return { text: text.slice(at), line };
    const lines = countNewlines(text.slice(at, record.next));
    onRecord(record.fields, line, record.problem ?? invalidAt(badLines, line, line + lines - 1));
    line += lines;
    at = record.next;
  }
  return { text: '', line };
}

const CARRIAGE_RETURN = 13;

interface RowToEmit {
  fields: string[];
  line: number;
  problem: string | undefined;
  layout: readonly Column[];
  options: ReadOptions;
  columns: Columns;
  sink: RowSink;
}

function emitRow({ fields, line, problem, layout, options, columns, sink }: RowToEmit): void {
  if (problem !== undefined) {
    sink.bad(line, problem);
    return;
  }
  if (fields.length !== layout.length) {
    sink.bad(line, `expected ${layout.length} columns, found ${fields.length}`);
    return;
  }
  let body = '';
  for (let at = 0; at < layout.length; at++) {
    const column = layout[at];
    const field = fields[at];
    if (column === undefined || field === undefined || !column.selected) continue;
    const isNull = options.nullValues.has(field);
    if (isNull && column.isKey) {
      sink.bad(line, `the key "${column.name}" has no value`);
      return;
    }
    if (body !== '') body += ',';
    body += column.label + (isNull ? 'null' : textCell(columns, column, field));
  }
  sink.row(line, body);
}

function invalidAt(badLines: ReadonlySet<number>, first: number, last: number): string | undefined {
  if (badLines.size === 0) return undefined;
  for (let line = first; line <= Math.max(first, last); line++)
    if (badLines.has(line)) return `line ${line} is not valid UTF-8`;
  return undefined;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}

function unclosed(code: 'tap.file_corrupt' | 'tap.record_too_large', line: number): FileError {
  return new FileError(code, 'a quote that opens here is never closed', { line });
}

function badHeader(problem: string, line: number): FileError {
  return new FileError('tap.file_corrupt', `the header cannot be read: ${problem}`, { line });
}
