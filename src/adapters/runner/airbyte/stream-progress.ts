import type { JsonText } from '../../../domain/lossless-json.ts';
import { memberSpans } from './json-span.ts';
import type { RecordCut } from './record-shape.ts';
import type { Refresh } from './source-state.ts';
import { DELETED_AT, ROW_ID, type SyncStream } from './sync-streams.ts';

type Status = 'waiting' | 'running' | 'complete' | 'incomplete';

/** One stream of a read on its way: its Singer messages as text, each with its newline. */
export interface StreamProgress {
  stream: SyncStream;
  status: Status;
  /** null: it is read incrementally. */
  refresh: Refresh | null;
  /** Rows since its last state. */
  rowsSinceState: number;
  /** Its SCHEMA, once; then ''. */
  schema(): string;
  /** The RECORD of a row that was cut out of `text`. */
  record(text: string, cut: RecordCut): string;
  /** Says that the rows of earlier refreshes are gone. */
  activate(): string;
}

export function createStreamProgress(stream: SyncStream, refresh: Refresh | null): StreamProgress {
  const name = JSON.stringify(stream.name);
  const version = refresh === null ? '' : `,"version":${refresh.version}`;
  const head = `{"type":"RECORD","stream":${name}${version},"record":`;
  const momentOf = momentTexts();
  let schema: string | null = schemaText(stream);
  const progress: StreamProgress = {
    stream,
    status: 'waiting',
    refresh,
    rowsSinceState: 0,
    schema() {
      const text = schema ?? '';
      schema = null;
      return text;
    },
    record(text, { dataStart, dataEnd, emittedAt }) {
      progress.rowsSinceState += 1;
      if (refresh) refresh.rows += 1;
      const data = text.slice(dataStart, dataEnd);
      return head + withOwnFields(data, stream, refresh) + momentOf(emittedAt);
    },
    activate: () =>
      refresh === null ? '' : `{"type":"ACTIVATE_VERSION","stream":${name},"version":${refresh.version}}\n`,
  };
  return progress;
}

function schemaText({ name, properties, keys }: SyncStream): string {
  const schema = { type: 'object', properties };
  return `${JSON.stringify({ type: 'SCHEMA', stream: name, schema, key_properties: keys })}\n`;
}

function withOwnFields(data: JsonText, stream: SyncStream, refresh: Refresh | null): JsonText {
  if (stream.hasRowId && refresh)
    return withField(data, `${JSON.stringify(ROW_ID)}:"${refresh.version}-${refresh.rows}"`);
  const deletedAt = stream.tellsDeleted ? deletedAtOf(data) : null;
  return deletedAt === null ? data : withField(data, `"_sdc_deleted_at":${deletedAt}`);
}

/** Puts a field in front of an object's own. */
function withField(data: JsonText, field: string): JsonText {
  const isEmpty = data.length < 16 && /^\{\s*\}$/.test(data);
  return `{${field}${isEmpty ? '' : ','}${data.slice(1)}`;
}

/** JSON text of when the row was deleted; null: it is there. */
function deletedAtOf(data: JsonText): JsonText | null {
  if (!data.includes(DELETED_AT)) return null;
  const span = memberSpans(data).findLast(({ key }) => key === DELETED_AT);
  const value = span ? data.slice(span.start, span.end) : '';
  return value.startsWith('"') ? value : null;
}

/** What follows a record's data: when it was read. Rows of one moment have the same text, which is made once. */
function momentTexts(): (emittedAt: string | null) => string {
  let last: string | null = null;
  let text = '}\n';
  return (emittedAt) => {
    if (emittedAt === last) return text;
    const at = new Date(Number(emittedAt ?? Number.NaN));
    const isMoment = !Number.isNaN(at.getTime());
    text = isMoment ? `,"time_extracted":"${at.toISOString()}"}\n` : '}\n';
    last = emittedAt;
    return text;
  };
}
