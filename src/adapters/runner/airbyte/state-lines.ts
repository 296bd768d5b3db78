import { parseLossless } from '../../../domain/lossless-json.ts';
import { isObject } from '../../../singer/json-schema.ts';
import type { MessageOf } from './protocol.ts';
import { StreamDescriptor, streamName } from './protocol.ts';
import type { SourceRead } from './source-read.ts';
import type { Refresh } from './source-state.ts';
import type { StreamProgress } from './stream-progress.ts';

/** STATE messages, made Singer's: each holds the whole state. */
export interface StateLines {
  take(line: string, message: MessageOf<'STATE'>): string;
  /** A stream was read in full to its end: the next run begins anew. */
  endRefresh(of: StreamProgress): string;
  /** What has not been passed on yet. */
  rest(): string;
}

/** A state that has grown big is passed on at most once a second. */
const BIG_CHARACTERS = 64 * 1024;
const BIG_EVERY_MS = 1_000;

export function createStateLines(read: SourceRead): StateLines {
  const { state } = read;
  let isWaiting = false;
  let size = 0;
  let passedMs = 0;

  function pass(): string {
    if (!isWaiting || read.isBroken()) return '';
    const text = state.text(openRefreshes(read));
    isWaiting = false;
    size = text.length;
    passedMs = performance.now();
    return `{"type":"STATE","value":${text}}\n`;
  }

  return {
    take(line, message) {
      const lossless = parseLossless(line);
      const value = isObject(lossless) ? lossless['state'] : null;
      if (!isObject(value)) return '';
      checkCount(read, message.state);
      state.take(value);
      isWaiting = true;
      return size > BIG_CHARACTERS && performance.now() - passedMs < BIG_EVERY_MS ? '' : pass();
    },
    endRefresh({ stream }) {
      if (!state.has(stream.descriptor)) return '';
      state.forget(stream.descriptor);
      isWaiting = true;
      return pass();
    },
    rest: pass,
  };
}

/** Those that a next run can go on with. */
function openRefreshes({ all, state }: SourceRead): Record<string, Refresh> {
  const open = all().flatMap(({ stream, refresh }) =>
    refresh && state.has(stream.descriptor) ? [[stream.name, refresh] as const] : [],
  );
  return Object.fromEntries(open);
}

/** A source may say how many rows it wrote since the state before: it is told when it is wrong, as Airbyte does. */
function checkCount(read: SourceRead, state: MessageOf<'STATE'>['state']): void {
  const of = streamsOf(read, state);
  const came = of.reduce((sum, { rowsSinceState }) => sum + rowsSinceState, 0);
  for (const each of of) each.rowsSinceState = 0;
  const stats = isObject(state['sourceStats']) ? state['sourceStats'] : {};
  const counted = stats['recordCount'];
  if (typeof counted !== 'number' || counted === came || of.length === 0) return;
  const place = of.length === 1 ? `stream "${of[0]?.stream.name}"` : 'all streams';
  read.log.say(`[WARN] ${place}: the source counted ${counted} rows since its last state, ${came} came.`);
}

function streamsOf(read: SourceRead, { stream }: MessageOf<'STATE'>['state']): readonly StreamProgress[] {
  if (!isObject(stream)) return read.all();
  const descriptor = StreamDescriptor.safeParse(stream['stream_descriptor']);
  const found = descriptor.success ? read.find(streamName(descriptor.data)) : undefined;
  return found ? [found] : [];
}
