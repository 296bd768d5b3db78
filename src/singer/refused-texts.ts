import { jsonOf, MARK_CODE, readMarked } from './number-text.ts';

/** Characters of one value, and of all values of a record, that are told. */
const MAX_VALUE_CHARACTERS = 2000;
const MAX_RECORD_CHARACTERS = 16_000;

/** Values as the reader gives them (number-text.ts). */
export function textsOfRecord(record: Record<string, unknown>): Record<string, string | null> {
  return shortened(Object.entries(record).map(([field, value]) => [field, textOf(value)]));
}

/** A row as it went to COPY. */
export function textsOfRow(row: string, columns: readonly string[]): Record<string, string | null> {
  const cells = row.replace(/\n$/, '').split('\t');
  return shortened(columns.map((name, at) => [name, unescaped(cells[at] ?? '\\N')]));
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') return jsonTextOf(value);
  if (typeof value !== 'string') return String(value);
  if (value.charCodeAt(0) !== MARK_CODE) return value;
  const meant = readMarked(value);
  return 'number' in meant ? meant.number : meant.string;
}

function jsonTextOf(value: object): string {
  try {
    return jsonOf(value);
  } catch {
    return '(nested too deeply to be shown)';
  }
}

function shortened(texts: [string, string | null][]): Record<string, string | null> {
  const kept: [string, string | null][] = [];
  let characters = 0;
  for (const [name, text] of texts) {
    const value = text !== null && text.length > MAX_VALUE_CHARACTERS ? cut(text) : text;
    characters += name.length + (value?.length ?? 4);
    if (characters > MAX_RECORD_CHARACTERS) break;
    kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

function cut(text: string): string {
  return `${text.slice(0, MAX_VALUE_CHARACTERS).toWellFormed()}... (${text.length} characters)`;
}

const ESCAPES: Record<string, string> = { '\\t': '\t', '\\n': '\n', '\\r': '\r', '\\\\': '\\' };

function unescaped(cell: string): string | null {
  return cell === '\\N' ? null : cell.replace(/\\[tnr\\]/g, (found) => ESCAPES[found] ?? found);
}
