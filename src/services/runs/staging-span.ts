import type { Ctx } from '../../context.ts';
import type { StatsByStream } from '../../domain/stats.ts';
import type { OpenSpan } from '../../ports/tracing.ts';

export interface StagingSpan {
  /** The source has told a schema, or rows are staged. */
  seen(): void;
  end(streams: StatsByStream): void;
}

/** The time from the first that a tap delivers to the last that is staged: within the tap's own span, whose first part is its start. */
export function stagingSpan({ tracing }: Ctx): StagingSpan {
  const parent = tracing.current();
  let span: OpenSpan | null = null;
  return {
    seen() {
      span ??= tracing.begin('run.staging', { parent });
    },
    end(streams) {
      const stats = Object.values(streams);
      const rows = stats.reduce((sum, { rows }) => sum + rows, 0);
      span?.set({ 'ivory.rows': rows, 'ivory.streams': stats.length });
      span?.end();
      span = null;
    },
  };
}
