import type { RefusedRecord } from '../domain/refused-record.ts';
import type { BatchWriter } from './batch-writer.ts';
import type { PgType } from './column-type.ts';
import { asRefusal } from './database-refusal.ts';
import { quoted } from './identifiers.ts';
import { WidenColumn } from './integer-text.ts';
import { createLane, type Lane } from './lane.ts';
import { type LoadSettings, schemaOfStream } from './load-settings.ts';
import type { LongRecord } from './long-lines.ts';
import { activateVersionSql } from './merge-sql.ts';
import {
  type BatchMessage,
  bytesBetween,
  type LineCursor,
  type Message,
  type RecordMessage,
} from './message.ts';
import { Refusal, singerError } from './refusal.ts';
import { textsOfRecord } from './refused-texts.ts';
import { databaseCode, type StagingSession } from './staging-session.ts';
import { ensureStagingTable, LOAD_COLUMN, type StagingTable, widenColumn } from './staging-table.ts';
import { planStream, type StreamPlan } from './stream-plan.ts';

interface Stream {
  lane: Lane;
  /** The SCHEMA message as text: an equal one changes nothing. */
  shape: string;
}

export interface StreamsOptions {
  session: StagingSession;
  writer: BatchWriter;
  settings: LoadSettings;
  syncStartedAtMs: number;
  onRejected: ((rejection: RefusedRecord) => void) | null;
  onWarning?: ((message: string) => void) | undefined;
  onSchema?: ((stream: string, properties: unknown) => void) | undefined;
}

/** Streams whose next line is looked for, and lines taken before the event loop is thought of again. */
const MOST_RECENT = 4;
const MOST_AT_ONCE = 500;
/** The first transactions are small ones, so that the database has something to do while the next rows are encoded. */
const FIRST_ROWS = 4000;
const GROWTH = 4;

type SchemaMessage = Extract<Message, { type: 'SCHEMA' }>;
type VersionMessage = Extract<Message, { type: 'ACTIVATE_VERSION' }>;

/** Knows every stream seen so far and does what each message asks. `handle` returns a promise only when there is something to wait for. */
export function createStreams({
  session,
  writer,
  settings,
  syncStartedAtMs,
  onRejected,
  onWarning,
  onSchema,
}: StreamsOptions) {
  const streams = new Map<string, Stream>();
  /** Whose lines are expected next, the latest first. */
  let recent: Stream[] = [];
  let lanes = 0;
  let fullAt = Math.min(FIRST_ROWS, settings.batchSizeRows);

  function handle(message: Exclude<Message, BatchMessage>): Promise<void> | null {
    switch (message.type) {
      case 'RECORD':
        return takeRecord(message);
      case 'SCHEMA':
        return takeSchema(message);
      case 'STATE':
        writer.current.state = message.value;
        return null;
      case 'ACTIVATE_VERSION':
        return activateVersion(message);
    }
  }

  function takeRecord(message: RecordMessage): Promise<void> | null {
    const stream = streamOf(message);
    try {
      const row = stream.lane.rowText(message, writer.current.startedAtMs);
      stream.lane.lines.learn(message.text);
      if (recent[0] !== stream)
        recent = [stream, ...recent.filter((each) => each !== stream)].slice(0, MOST_RECENT);
      return add(stream, row, message.line, message.sizeBytes) ? writer.flush() : null;
    } catch (error) {
      if (error instanceof WidenColumn)
        return widen(stream, error, message.line).then(() => takeRecord(message) ?? undefined);
      if (!(error instanceof Refusal)) throw error;
      const { code, message: reason, field } = error;
      const { stream: name, line, record } = message;
      refuse({ stream: name, line, code, message: reason, field, values: () => textsOfRecord(record) });
      return null;
    }
  }

  /** The same for a record that is parsed and encoded elsewhere. */
  async function takeLong(record: LongRecord): Promise<void> {
    const stream = streamOf(record);
    const { line, sizeBytes } = record;
    const encoded = await record.encode(stream.lane.definition, writer.current.startedAtMs);
    if (encoded.kind === 'widen') {
      await widen(stream, encoded, line);
      return takeLong(record);
    }
    if (encoded.kind === 'refused')
      return refuse({ ...encoded, stream: record.stream, line, values: () => encoded.values });
    for (const field of encoded.unknownFields) tellUnknown(record.stream, field);
    if (add(stream, encoded.row, line, sizeBytes)) await writer.flush();
  }

  function streamOf(message: { stream: string; line: number }): Stream {
    const stream = streams.get(message.stream);
    if (stream) return stream;
    throw singerError(
      'singer.record_before_schema',
      message,
      'a RECORD came before the SCHEMA of its stream.',
    );
  }

  /** Takes lines that look like ones before, up to the first that does not, the end of the block, or a full batch: then there is something to wait for. */
  function takeKnown(cursor: LineCursor): Promise<void> | null {
    const { block } = cursor;
    const { startedAtMs } = writer.current;
    for (let taken = 0; taken < MOST_AT_ONCE && cursor.at < block.text.length; taken += 1) {
      const { at, line } = cursor;
      let full: boolean | null = null;
      for (const stream of recent) {
        const known = stream.lane.lines.rowAt(block.text, at, startedAtMs);
        if (!known) continue;
        cursor.at = known.end + 1;
        cursor.line += 1;
        full = add(stream, known.row, line, bytesBetween(block, at, known.end));
        break;
      }
      if (full === null) return null;
      if (full) return writer.flush();
    }
    return null;
  }

  /** True: the batch is full. */
  function add(
    { lane }: Stream,
    row: string | Uint8Array<ArrayBuffer>,
    line: number,
    sizeBytes: number,
  ): boolean {
    const waiting = writer.current.add(lane, row, line, sizeBytes);
    if (waiting < fullAt && writer.current.sizeBytes < settings.batchSizeBytes) return false;
    fullAt = Math.min(fullAt * GROWTH, settings.batchSizeRows);
    return true;
  }

  function refuse(record: RefusedRecord): void {
    if (onRejected === null) throw singerError(record.code, record, record.message);
    onRejected(record);
  }

  async function takeSchema(message: SchemaMessage): Promise<void> {
    const shape = JSON.stringify([message.schema, message.keyProperties]);
    const known = streams.get(message.stream);
    if (known?.shape === shape) return;
    const appendOnly = settings.loadMethod === 'append-only';
    recent = [];
    const plan = planStream(message, { metadata: settings.addRecordMetadata, appendOnly });
    await writer.drain();
    const target = await prepareTable(plan, message, known === undefined);
    if (known === undefined && settings.loadMethod === 'overwrite') writer.emptyFirst(target);
    streams.set(message.stream, { lane: laneFor(plan, target, message.line), shape });
    onSchema?.(message.stream, message.schema['properties']);
  }

  async function prepareTable(
    plan: StreamPlan,
    message: SchemaMessage,
    first: boolean,
  ): Promise<StagingTable> {
    const schema = schemaOfStream(plan.stream, settings);
    try {
      return await session.transaction(async (tx) => {
        const target = await ensureStagingTable(tx, schema, plan, settings.loadId);
        if (first && settings.loadId !== null && plan.keys.length === 0) {
          const at = `${quoted(target.schema)}.${quoted(target.table)}`;
          await tx.run(`delete from ${at} where ${quoted(LOAD_COLUMN.name)} = $1::text::bigint`, [
            settings.loadId,
          ]);
        }
        return target;
      });
    } catch (error) {
      const code = databaseCode(error);
      if (code !== '23505' && code !== '23502') throw asRefusal(error, 'singer.schema_refused', message);
      throw singerError(
        'singer.key_conflict',
        message,
        'rows already in the table do not allow the new key properties.',
        error,
      );
    }
  }

  async function widen(
    stream: Stream,
    { column, to }: { column: string; to: PgType },
    line: number,
  ): Promise<void> {
    await writer.drain();
    const { lane } = stream;
    const place = { stream: lane.plan.stream, line };
    await session
      .transaction((tx) => widenColumn(tx, lane.target, column, to))
      .catch((error: unknown) => {
        throw asRefusal(error, 'singer.value_refused', place);
      });
    stream.lane = laneFor(lane.plan, lane.target, line);
  }

  function laneFor(plan: StreamPlan, target: StagingTable, line: number): Lane {
    lanes += 1;
    const stamp = { syncStartedAtMs, loadId: settings.loadId };
    const validate = settings.validateRecords;
    // the table's types as they are now: a widened column makes another lane
    const definition = { id: lanes, plan, types: new Map(target.types), stamp, validate };
    return createLane(definition, target, line, (field) => tellUnknown(plan.stream, field));
  }

  function tellUnknown(stream: string, field: string): void {
    onWarning?.(`No schema for field "${field}" of stream "${stream}": its values are not stored.`);
  }

  async function activateVersion(message: VersionMessage): Promise<void> {
    const stream = streams.get(message.stream);
    if (!stream)
      throw singerError(
        'singer.record_before_schema',
        message,
        'ACTIVATE_VERSION came before the SCHEMA of its stream.',
      );
    if (!settings.activateVersion)
      return onWarning?.('ACTIVATE_VERSION was ignored: activate_version is false.');
    await writer.drain();
    const { hardDelete, loadId } = settings;
    const statement = activateVersionSql(stream.lane.target, message.version, { hardDelete, loadId });
    await session
      .transaction((tx) => tx.run(statement))
      .catch((error: unknown) => {
        throw asRefusal(error, 'singer.version_refused', message);
      });
  }

  return { handle, takeLong, takeKnown };
}
