import { type Place, singerError } from './refusal.ts';

/** Far below what the parsers and the database that read it later can follow. */
const MAX_DEPTH = 1000;

/** For JSON that is walked as a whole, by us and by those who get it. Throws InvalidError `singer.too_deep`. */
export function assertDepth(text: string, place: Place): void {
  if (depthOf(text) > MAX_DEPTH) throw tooDeep(place);
}

export function tooDeep(place: Place, cause?: unknown): Error {
  return singerError('singer.too_deep', place, 'the message is nested too deeply.', cause);
}

/** Of valid JSON text; the stack has no part in it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22 /* " */) at = endOfString(text, at);
    else if (code === 0x5b /* [ */ || code === 0x7b /* { */) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d /* ] */ || code === 0x7d /* } */) depth -= 1;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
