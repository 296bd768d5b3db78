import { parentPort } from 'node:worker_threads';
import { AppError, messageOf } from '../errors.ts';
import { WidenColumn } from './integer-text.ts';
import { type LaneDefinition, rowTextOf } from './lane.ts';
import { cursorOf, type Message, nextMessage, type RecordMessage } from './message.ts';
import { Refusal } from './refusal.ts';
import { textsOfRecord } from './refused-texts.ts';
import type { RowText } from './row-text.ts';

export type LongLineRequest =
  | { kind: 'read'; bytes: Uint8Array; line: number }
  /** Asks for the row of the record read last. */
  | { kind: 'encode'; lane: LaneDefinition; batchedAtMs: number };

export type EncodedRecord =
  | { kind: 'row'; row: Uint8Array<ArrayBuffer>; unknownFields: string[] }
  | {
      kind: 'refused';
      code: string;
      message: string;
      field: string | null;
      values: Record<string, string | null>;
    }
  | { kind: 'widen'; column: string; to: string };

export type LongLineReply =
  | { kind: 'record'; stream: string }
  | { kind: 'message'; message: Exclude<Message, RecordMessage> | null }
  | EncodedRecord
  /** `code`: of an InvalidError; null: a defect of ours. */
  | { kind: 'failed'; code: string | null; message: string };

interface Encoder {
  id: number;
  rowText: RowText;
}

/** Entry of the thread that parses and encodes lines too long for the event loop. One request at a time. */
function serve(port: NonNullable<typeof parentPort>): void {
  let record: RecordMessage | null = null;
  let encoder: Encoder | null = null;
  let unknownFields: string[] = [];

  function read(bytes: Uint8Array, line: number): LongLineReply {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    const message = nextMessage(cursorOf({ text, firstLine: line, ascii: text.length === bytes.length }));
    if (message?.type !== 'RECORD') return { kind: 'message', message };
    record = message;
    return { kind: 'record', stream: message.stream };
  }

  function encode(lane: LaneDefinition, batchedAtMs: number): EncodedRecord {
    if (!record) throw new Error('no record was read');
    if (encoder?.id !== lane.id)
      encoder = { id: lane.id, rowText: rowTextOf(lane, (field) => unknownFields.push(field)) };
    unknownFields = [];
    try {
      return {
        kind: 'row',
        row: new TextEncoder().encode(encoder.rowText(record, batchedAtMs)),
        unknownFields,
      };
    } catch (error) {
      if (error instanceof WidenColumn) return { kind: 'widen', column: error.column, to: error.to };
      if (!(error instanceof Refusal)) throw error;
      const { code, message, field } = error;
      return { kind: 'refused', code, message, field, values: textsOfRecord(record.record) };
    }
  }

  port.on('message', (request: LongLineRequest) => {
    try {
      const reply =
        request.kind === 'read'
          ? read(request.bytes, request.line)
          : encode(request.lane, request.batchedAtMs);
      port.postMessage(reply, reply.kind === 'row' ? [reply.row.buffer] : []);
    } catch (error) {
      const code = error instanceof AppError ? error.code : null;
      port.postMessage({ kind: 'failed', code, message: messageOf(error) } satisfies LongLineReply);
    }
  });
}

if (parentPort) serve(parentPort);
