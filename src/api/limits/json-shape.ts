/** What is too much of a JSON document; null: nothing. */
export type ShapeFault = 'too_deep' | 'too_many_members';

export interface ShapeLimits {
  /** Objects and arrays within each other. */
  depth: number;
  /** Fields of all objects and entries of all arrays together. */
  members: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Looks over the bytes of a JSON document once, without making anything of it, and stops at the first excess. What is no JSON gets any answer:
 * its parser will refuse it.
 */
export function shapeFault(
  bytes: Uint8Array,
  { depth: maxDepth, members: maxMembers }: ShapeLimits,
): ShapeFault | null {
  let depth = 0;
  let members = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === COMMA) members += 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      members += 1;
      if (depth > maxDepth) return 'too_deep';
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    if (members > maxMembers) return 'too_many_members';
  }
  return null;
}
