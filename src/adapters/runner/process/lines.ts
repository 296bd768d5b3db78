import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const MAX_LINE_CHARS = 64_000;

/** Calls `onLine` for every line of a stream until it ends; a line longer than 64,000 characters is cut, never kept whole. */
export async function eachLine(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let cutting = false;
  const take = (text: string) => {
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) emit(line);
    rest = cutting ? '' : rest + last;
    if (rest.length > MAX_LINE_CHARS) {
      onLine(`${rest.slice(0, MAX_LINE_CHARS)} ... (line cut)`);
      rest = '';
      cutting = true;
    }
  };
  const emit = (line: string) => {
    if (!cutting) onLine((rest + line).replace(/\r$/, ''));
    rest = '';
    cutting = false;
  };
  for await (const chunk of stream) take(decoder.write(chunk as Buffer));
  take(decoder.end());
  if (rest) onLine(rest);
}
