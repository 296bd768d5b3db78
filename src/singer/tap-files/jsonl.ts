import type { Columns } from './columns.ts';
import { emitJsonRecord } from './json-record.ts';
import type { RowSink } from './row-sink.ts';
import type { TextBlock } from './text-blocks.ts';

/** Reads JSON lines into the sink; blank lines are passed over. */
export async function readJsonLines(
  blocks: AsyncIterable<TextBlock>,
  columns: Columns,
  sink: RowSink,
): Promise<void> {
  for await (const { text, firstLine, badLines } of blocks) {
    let line = firstLine;
    for (let at = 0; at < text.length; line++) {
      const newline = text.indexOf('\n', at);
      const end = newline < 0 ? text.length : newline;
      if (badLines.has(line)) sink.bad(line, 'the line is not valid UTF-8');
      else if (text.slice(at, end).trim() !== '') emitJsonRecord(text.slice(at, end), line, columns, sink);
      at = end + 1;
    }
    if (!(await sink.ready())) return;
  }
}
