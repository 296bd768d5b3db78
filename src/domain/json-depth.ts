import type { JsonText } from './lossless-json.ts';

/**
 * How many objects and arrays of a JSON document lie within each other; 0 for a plain value. Counts on the text, without recursion: what is
 * deep enough ends the stack of whoever walks it later, Postgres' parser among them. The text must be valid JSON.
 */
export function jsonDepth(text: JsonText): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inText) {
      if (character === '\\') at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
