import type { MessageOf } from './protocol.ts';
import { streamName } from './protocol.ts';
import type { SourceRead } from './source-read.ts';
import type { StateLines } from './state-lines.ts';
import type { StreamProgress } from './stream-progress.ts';

type StreamStatus = Extract<MessageOf<'TRACE'>['trace'], { type: 'STREAM_STATUS' }>['stream_status'];

/** What a source says of its streams' beginning and end. */
export interface StreamEnds {
  take(status: StreamStatus): string;
  /** A source that tells of no stream's end has read them all when it ends well. */
  end(endedWell: boolean): string;
  /** Names of those that were not read to their end; of a source that tells of no end: none. */
  incomplete(): string[];
}

export function createStreamEnds(read: SourceRead, states: StateLines): StreamEnds {
  let tellsEnds = false;

  /** Only now are the rows that a full refresh did not bring known to be gone. */
  function complete(progress: StreamProgress): string {
    progress.status = 'complete';
    if (progress.refresh === null || read.isBroken()) return progress.schema();
    return progress.schema() + progress.activate() + states.endRefresh(progress);
  }

  return {
    take({ stream_descriptor: descriptor, status, reasons }) {
      const name = streamName(descriptor);
      const progress = read.find(name);
      tellsEnds = true;
      if (!progress) return '';
      if (reasons?.some(({ type }) => type === 'RATE_LIMITED'))
        read.tellOnce(`[INFO] Stream "${name}" waits for its source's rate limit.`);
      switch (status) {
        case 'COMPLETE':
          return complete(progress);
        case 'INCOMPLETE':
          progress.status = 'incomplete';
          read.log.say(`[WARN] Stream "${name}" was not read to its end.`);
          return '';
        default:
          return progress.schema();
      }
    },
    end: (endedWell) => (endedWell && !tellsEnds ? read.all().map(complete).join('') : ''),
    incomplete: () =>
      tellsEnds
        ? read
            .all()
            .filter(({ status }) => status !== 'complete')
            .map(({ stream }) => stream.name)
        : [],
  };
}
