import { parseLossless } from '../domain/lossless-json.ts';
import { isObject, type JsonObject } from './json-schema.ts';
import type { LineBlock } from './line-blocks.ts';
import { markNumbers, mentionsMark, parseMarked } from './number-text.ts';
import { singerError } from './refusal.ts';

export interface RecordMessage {
  type: 'RECORD';
  stream: string;
  /** Lossy numbers are marked text (number-text.ts). */
  record: JsonObject;
  version: unknown;
  timeExtracted: unknown;
  line: number;
  sizeBytes: number;
}

export type Message =
  | RecordMessage
  | { type: 'SCHEMA'; stream: string; schema: JsonObject; keyProperties: string[]; line: number }
  | { type: 'STATE'; value: string; line: number }
  | { type: 'ACTIVATE_VERSION'; stream: string; version: string; line: number }
  | { type: 'BATCH'; stream: string; line: number };

/**
 * The messages of a block, one by one and in order; empty lines are skipped. Throws InvalidError `singer.invalid_message` naming
 * the line for what is not JSON, not a Singer message or lacks a field; an unknown message type is an error too.
 */
export function* messagesOf(block: LineBlock): Generator<Message> {
  const sure = mentionsMark(block.text);
  const text = sure ? block.text : markNumbers(block.text);
  let line = block.firstLine;
  for (let start = 0; start <= text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const each = text.slice(start, end);
    start = end + 1;
    if (each.length > 1 || each.trim() !== '') yield parseLine(each, { block, line, sure });
  }
}

interface Source {
  block: LineBlock;
  line: number;
  sure: boolean;
}

function parseLine(text: string, source: Source): Message {
  const value = parseText(text, source);
  const place = {
    line: source.line,
    stream: isObject(value) && typeof value['stream'] === 'string' ? value['stream'] : null,
  };
  if (!isObject(value))
    throw singerError('singer.invalid_message', place, 'a message must be a JSON object.');
  const { type } = value;
  if (type === 'STATE') return stateMessage(value, source);
  const { stream } = value;
  if (typeof type !== 'string')
    throw singerError('singer.invalid_message', place, 'the message has no "type".');
  if (!['RECORD', 'SCHEMA', 'ACTIVATE_VERSION', 'BATCH'].includes(type))
    throw singerError('singer.invalid_message', place, `unknown message type "${type.slice(0, 40)}".`);
  if (typeof stream !== 'string' || stream === '')
    throw singerError('singer.invalid_message', place, `a ${type} message needs a "stream".`);
  if (type === 'RECORD') return recordMessage(value, stream, text, source);
  if (type === 'SCHEMA') return schemaMessage(stream, source);
  if (type === 'BATCH') return { type, stream, line: source.line };
  return activateVersion(value, stream, source.line);
}

function recordMessage(
  value: JsonObject,
  stream: string,
  text: string,
  { block, line }: Source,
): RecordMessage {
  const { record } = value;
  if (!isObject(record))
    throw singerError(
      'singer.invalid_message',
      { line, stream },
      'a RECORD message needs a "record" object.',
    );
  return {
    type: 'RECORD',
    stream,
    record,
    version: value['version'],
    timeExtracted: value['time_extracted'],
    line,
    sizeBytes: block.ascii ? text.length : Buffer.byteLength(text),
  };
}

function schemaMessage(stream: string, source: Source): Message {
  const { line } = source;
  const value: unknown = JSON.parse(originalLine(source));
  const { schema, key_properties: keys = [] } = isObject(value) ? value : {};
  const place = { line, stream };
  if (!isObject(schema))
    throw singerError('singer.invalid_schema', place, 'a SCHEMA message needs a "schema" object.');
  if (!isObject(schema['properties']))
    throw singerError('singer.invalid_schema', place, 'the schema has no "properties".');
  const names = keys ?? [];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    throw singerError('singer.invalid_schema', place, '"key_properties" must be a list of names.');
  return { type: 'SCHEMA', stream, schema, keyProperties: names, line };
}

function stateMessage(value: JsonObject, source: Source): Message {
  const place = { line: source.line, stream: null };
  if (!('value' in value))
    throw singerError('singer.invalid_message', place, 'a STATE message needs a "value".');
  const lossless = parseLossless(originalLine(source));
  const state = isObject(lossless) ? lossless['value'] : null;
  return { type: 'STATE', value: JSON.stringify(state), line: source.line };
}

function activateVersion(value: JsonObject, stream: string, line: number): Message {
  const version = versionText(value['version']);
  if (version === null)
    throw singerError(
      'singer.invalid_message',
      { line, stream },
      'ACTIVATE_VERSION needs a whole number as "version".',
    );
  return { type: 'ACTIVATE_VERSION', stream, version, line };
}

/** Digits of a table version, or null. */
export function versionText(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.slice(1) : '';
  return /^-?\d{1,18}$/.test(text) ? text : null;
}

function parseText(text: string, source: Source): unknown {
  try {
    return source.sure ? parseMarked(text) : JSON.parse(text);
  } catch {
    return parseOriginal(source);
  }
}

/** The marks may have broken a string that holds number-like text: only what the line itself says counts. */
function parseOriginal(source: Source): unknown {
  try {
    return parseMarked(originalLine(source));
  } catch (cause) {
    const place = { line: source.line, stream: null };
    throw singerError(
      'singer.invalid_message',
      place,
      'the line is not JSON, or it ends in the middle.',
      cause,
    );
  }
}

function originalLine({ block, line }: Source): string {
  let start = 0;
  for (let number = block.firstLine; number < line; number += 1) start = block.text.indexOf('\n', start) + 1;
  const end = block.text.indexOf('\n', start);
  return block.text.slice(start, end === -1 ? undefined : end);
}
