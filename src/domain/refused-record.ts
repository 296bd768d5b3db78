/** A record a source delivered that could not be staged, and why. */
export interface RefusedRecord {
  stream: string;
  /** Line of the source's output, from 1; within a batch file, of that file. */
  line: number;
  /** `singer.*` */
  code: string;
  message: string;
  /** The field, or the column it was meant for; null: the record as a whole. */
  field: string | null;
  /** The record as it came, values as text; long ones are cut. Made when asked for. */
  values(): Record<string, string | null>;
}

const ROW_KEY = 'line ';

/** What such a record is called on the list of rejected rows: rows that were staged are called by their key, as JSON, or `#<place>`. */
export function refusedRowKey(line: number): string {
  return `${ROW_KEY}${line}`;
}

/** LIKE pattern of all of them. */
export const REFUSED_ROW_KEYS = `${ROW_KEY}%`;

export function isRefusedRowKey(rowKey: string): boolean {
  return rowKey.startsWith(ROW_KEY);
}
