import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../../log.ts';

const AGAIN_MS = 60_000;

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];
type ResultCode = Result['code'];
const SUCCESS: ResultCode = 0;

/**
 * What an endpoint does not take is dropped and told once a minute with the number of spans, not once a batch. To the SDK it has succeeded:
 * it would tell its own, global, error handler.
 */
export function quietExporter(
  exporter: SpanExporter,
  log: Log,
  clock: () => number = () => performance.now(),
): SpanExporter {
  let toldAt = Number.NEGATIVE_INFINITY;
  let dropped = 0;
  function note(spans: number, { error }: Result): void {
    dropped += spans;
    if (clock() - toldAt < AGAIN_MS) return;
    toldAt = clock();
    log.warn(
      { event: 'traces.dropped', spans: dropped, err: error },
      'traces were not taken by their endpoint',
    );
    dropped = 0;
  }
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS) note(spans.length, result);
        done({ code: SUCCESS });
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
