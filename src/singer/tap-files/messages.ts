import type { Property } from './column-type.ts';
import { SOURCE_FILE, SOURCE_LINE } from './columns.ts';

export function schemaMessage(
  stream: string,
  properties: Record<string, Property>,
  keys: readonly string[],
): string {
  const schema = { type: 'object', additionalProperties: false, properties };
  return `${JSON.stringify({ type: 'SCHEMA', stream, schema, key_properties: keys, bookmark_properties: [] })}\n`;
}

export function stateMessage(value: unknown): string {
  return `${JSON.stringify({ type: 'STATE', value })}\n`;
}

/** Prints RECORD messages of one file: (line, members without braces, time) -> one line. */
export function recordPrinter(
  stream: string,
  path: string,
): (line: number, body: string, time: string) => string {
  const head = `{"type":"RECORD","stream":${JSON.stringify(stream)},"record":{"${SOURCE_FILE}":${JSON.stringify(path)},"${SOURCE_LINE}":`;
  return (line, body, time) =>
    `${head}${line}${body === '' ? '' : ','}${body}},"time_extracted":"${time}"}\n`;
}
