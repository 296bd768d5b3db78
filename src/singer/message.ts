import { parseLossless } from '../domain/lossless-json.ts';
import { isObject, type JsonObject } from './json-schema.ts';
import { type LineBlock, streamIn } from './line-blocks.ts';
import { assertDepth, tooDeep } from './nesting.ts';
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
  /** The line itself. */
  text: string;
  sizeBytes: number;
}

/** Files whose lines are records of a stream. */
export interface BatchMessage {
  type: 'BATCH';
  stream: string;
  compression: 'gzip' | 'none';
  /** Paths or file urls. */
  manifest: string[];
  line: number;
}

export type Message =
  | RecordMessage
  | { type: 'SCHEMA'; stream: string; schema: JsonObject; keyProperties: string[]; line: number }
  | { type: 'STATE'; value: string; line: number }
  | { type: 'ACTIVATE_VERSION'; stream: string; version: string; line: number }
  | BatchMessage;

/** A place in a block of lines. */
export interface LineCursor {
  readonly block: LineBlock;
  /** Where the next line begins; past the text's length when there is none. */
  at: number;
  /** Its number. */
  line: number;
}

export function cursorOf(block: LineBlock): LineCursor {
  return { block, at: 0, line: block.firstLine };
}

/** The number of bytes between two places of a block. */
export function bytesBetween({ text, ascii }: LineBlock, start: number, end: number): number {
  return ascii ? end - start : Buffer.byteLength(text.slice(start, end));
}

/**
 * Takes the next line; null when it is empty. Throws InvalidError `singer.invalid_message` naming the line for what is not JSON, not a
 * Singer message or lacks a field (an unknown message type is an error too), `singer.too_deep`.
 */
export function nextMessage(cursor: LineCursor): Message | null {
  const { block, at, line } = cursor;
  const newline = block.text.indexOf('\n', at);
  const end = newline === -1 ? block.text.length : newline;
  const text = block.text.slice(at, end);
  cursor.at = end + 1;
  cursor.line += 1;
  if (text.length <= 1 && text.trim() === '') return null;
  return parseLine({ text, line, sizeBytes: bytesBetween(block, at, end) });
}

interface Source {
  text: string;
  line: number;
  sizeBytes: number;
}

function parseLine(source: Source): Message {
  const value = parseText(source);
  const place = {
    line: source.line,
    stream: isObject(value) && typeof value['stream'] === 'string' ? value['stream'] : null,
  };
  if (!isObject(value))
    throw singerError('singer.invalid_message', place, 'a message must be a JSON object.');
  const { type } = value;
  if (type === 'STATE' || type === 'SCHEMA') assertDepth(source.text, place);
  if (type === 'STATE') return stateMessage(value, source);
  const { stream } = value;
  if (typeof type !== 'string')
    throw singerError('singer.invalid_message', place, 'the message has no "type".');
  if (!['RECORD', 'SCHEMA', 'ACTIVATE_VERSION', 'BATCH'].includes(type))
    throw singerError('singer.invalid_message', place, `unknown message type "${type.slice(0, 40)}".`);
  if (typeof stream !== 'string' || stream === '')
    throw singerError('singer.invalid_message', place, `a ${type} message needs a "stream".`);
  if (type === 'RECORD') return recordMessage(value, stream, source);
  if (type === 'SCHEMA') return schemaMessage(stream, source);
  if (type === 'BATCH') return batchMessage(value, stream, source.line);
  return activateVersion(value, stream, source.line);
}

function recordMessage(value: JsonObject, stream: string, { text, line, sizeBytes }: Source): RecordMessage {
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
    text,
    sizeBytes,
  };
}

function schemaMessage(stream: string, source: Source): Message {
  const { line } = source;
  const value: unknown = JSON.parse(source.text);
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

function batchMessage(value: JsonObject, stream: string, line: number): BatchMessage {
  const place = { line, stream };
  const { format, compression = 'none' } = isObject(value['encoding']) ? value['encoding'] : {};
  const used = compression ?? 'none';
  if (format !== 'jsonl' || (used !== 'gzip' && used !== 'none'))
    throw singerError(
      'singer.batch_unsupported',
      place,
      'BATCH files must be jsonl, plain or with gzip compression.',
    );
  const { manifest } = value;
  if (!Array.isArray(manifest) || !manifest.every((each) => typeof each === 'string'))
    throw singerError('singer.invalid_message', place, 'a BATCH message needs a "manifest" of file names.');
  return { type: 'BATCH', stream, compression: used, manifest, line };
}

function stateMessage(value: JsonObject, source: Source): Message {
  const place = { line: source.line, stream: null };
  if (!('value' in value))
    throw singerError('singer.invalid_message', place, 'a STATE message needs a "value".');
  const lossless = parseLossless(source.text);
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

/** Marked numbers may break a string that holds number-like text: then only what the line itself says counts. */
function parseText({ text, line }: Source): unknown {
  try {
    if (!mentionsMark(text)) return JSON.parse(markNumbers(text));
  } catch {}
  try {
    return parseMarked(text);
  } catch (cause) {
    const place = { line, stream: cause instanceof RangeError ? streamIn(Buffer.from(text)) : null };
    if (cause instanceof RangeError) throw tooDeep(place, cause);
    throw singerError(
      'singer.invalid_message',
      place,
      'the line is not JSON, or it ends in the middle.',
      cause,
    );
  }
}
