import { memberSpans } from './json-span.ts';
import type { StreamDescriptor } from './protocol.ts';

/** A RECORD line taken apart; places are in the text it stands in. */
export interface RecordCut {
  stream: StreamDescriptor;
  dataStart: number;
  dataEnd: number;
  /** Milliseconds since 1970, as written; null: not said. */
  emittedAt: string | null;
}

/**
 * How RECORD lines of one stream look around their data: the same text before it, and after it the same but for the digits of `emitted_at`. A line that
 * fits is cut without parsing it.
 */
export interface RecordShape {
  stream: StreamDescriptor;
  before: string;
  /** Between the data and the digits. */
  after: string;
  end: string;
}

const EMITTED_DIGITS = 13;

/** Takes a RECORD line apart by its structure. null: it names no stream or has no data object. The line must be valid JSON. */
export function cutRecord(line: string): (RecordCut & { shape: RecordShape | null }) | null {
  const record = memberSpans(line).findLast(({ key }) => key === 'record');
  if (!record || line[record.start] !== '{') return null;
  const spans = new Map(memberSpans(line, record.start).map((span) => [span.key, span]));
  const textOf = (key: string): unknown => {
    const span = spans.get(key);
    return span === undefined ? null : JSON.parse(line.slice(span.start, span.end));
  };
  const [name, namespace] = [textOf('stream'), textOf('namespace')];
  const data = spans.get('data');
  if (typeof name !== 'string' || !data || line[data.start] !== '{') return null;
  const moment = spans.get('emitted_at');
  const stream = { name, namespace: typeof namespace === 'string' ? namespace : null };
  const emittedAt = moment ? line.slice(moment.start, moment.end) : null;
  const cut = { stream, dataStart: data.start, dataEnd: data.end, emittedAt };
  const isRegular = moment && moment.start > data.end && /^\d{13}$/.test(emittedAt ?? '');
  return {
    ...cut,
    shape: isRegular
      ? {
          stream,
          before: line.slice(0, data.start),
          after: line.slice(data.end, moment.start),
          end: line.slice(moment.end),
        }
      : null,
  };
}

/** The line that stands in `text` from `start` to `end`, if it has this shape. */
export function cutByShape(
  { stream, before, after, end: last }: RecordShape,
  text: string,
  start: number,
  end: number,
): RecordCut | null {
  const digits = end - last.length - EMITTED_DIGITS;
  const dataEnd = digits - after.length;
  const dataStart = start + before.length;
  if (dataEnd <= dataStart + 1 || !text.startsWith(before, start)) return null;
  if (!text.startsWith(last, digits + EMITTED_DIGITS) || !text.startsWith(after, dataEnd)) return null;
  if (text[dataStart] !== '{' || text[dataEnd - 1] !== '}') return null;
  const emittedAt = text.slice(digits, digits + EMITTED_DIGITS);
  return /^\d+$/.test(emittedAt) ? { stream, dataStart, dataEnd, emittedAt } : null;
}
