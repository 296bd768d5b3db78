import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { StatsByStream } from '../../../domain/stats.ts';
import { lineBlocks } from '../../../singer/line-blocks.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../singer/load-settings.ts';
import { createTableWatch } from '../../../singer/shared-tables.ts';

const TOLD_EVERY = 1_000;

/**
 * Counts the records of a Singer stream that another program loads. `onProgress` is told every 1,000 of them and at the end. Judges
 * no record: the loader does. Throws InvalidError `singer.line_too_long`, `singer.not_utf8`, and `loader.table_collision` for two streams
 * whose rows the loader would merge.
 */
export async function countMessages(
  messages: Readable,
  onProgress: (stats: StatsByStream) => void,
): Promise<StatsByStream> {
  const counts = new Map<string, { rows: number; bytes: number }>();
  const watchTables = createTableWatch();
  let sinceTold = 0;
  for await (const block of lineBlocks(messages, DEFAULT_LOAD_SETTINGS.maxLineBytes)) {
    for (const line of 'text' in block ? block.text.split('\n') : [block.bytes.toString('utf8')]) {
      const stream = streamOfRow(line);
      if (stream === null) {
        watchTables(line);
        continue;
      }
      const { rows, bytes } = counts.get(stream) ?? { rows: 0, bytes: 0 };
      counts.set(stream, { rows: rows + 1, bytes: bytes + Buffer.byteLength(line) });
      sinceTold += 1;
    }
    if (sinceTold >= TOLD_EVERY) tell();
  }
  if (sinceTold > 0) tell();
  return Object.fromEntries(counts);

  function tell(): void {
    sinceTold = 0;
    onProgress(Object.fromEntries(counts));
  }
}

/** As taps write them nearly always; the record behind it may be long and need not be parsed. */
const USUAL_ROW = /^\{"type": ?"RECORD", ?"stream": ?("(?:[^"\\]|\\.)*")/;
const Row = z.object({ type: z.literal('RECORD'), stream: z.string() });
const Name = z.string();

function streamOfRow(line: string): string | null {
  try {
    const name = USUAL_ROW.exec(line)?.[1];
    if (name !== undefined) return Name.parse(JSON.parse(name));
    return Row.safeParse(JSON.parse(line)).data?.stream ?? null;
  } catch {
    return null;
  }
}
