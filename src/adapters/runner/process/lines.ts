import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const MAX_LINE_CHARS = 64_000;
/** What a line ends with that was too long to be kept whole. */
export const CUT_MARK = ' ... (line cut)';

/** Calls `onLine` for every line of a stream until it ends; a line longer than 64,000 characters is cut, never kept whole. */
export async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let cutting = false;
  const take = (text: string) => {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) emit(line);
    if (!cutting) rest += last;
    if (rest.length > MAX_LINE_CHARS) {
      onLine(cut(rest));
      rest = '';
      cutting = true;
    }
  };
  const emit = (line: string) => {
    if (!cutting) onLine(cut(rest + line).replace(/\r$/, ''));
    rest = '';
    cutting = false;
  };
  for await (const chunk of stream) take(decoder.write(chunk as Buffer));
  take(decoder.end());
  if (rest) onLine(rest);
}

function cut(line: string): string {
  return line.length > MAX_LINE_CHARS ? line.slice(0, MAX_LINE_CHARS) + CUT_MARK : line;
}
