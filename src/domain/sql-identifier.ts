import { InvalidError } from '../errors.ts';

/** Postgres cuts longer names silently, which would make two of them one. */
const MAX_BYTES = 63;

/** A name as a quoted Postgres identifier, whatever it holds. Throws InvalidError `identifier.invalid` for one Postgres cannot keep as it is. */
export function quoteIdentifier(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > MAX_BYTES || name.includes('\0') || !name.isWellFormed()) {
    throw new InvalidError(
      'identifier.invalid',
      `${JSON.stringify(name)} cannot name a table or column: 1 to ${MAX_BYTES} bytes of text without NUL.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."table"`. */
export function quoteTable(schema: string, table: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}
