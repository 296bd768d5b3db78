import { fail } from './errors.ts';
import { MAX_LENGTH, type Meter } from './meter.ts';

/** What a replaced character takes while its text is made: its escape, and its place among the parts. */
const BYTES_AN_ESCAPE = 48;
const STEPS_AN_ESCAPE = 0.1;

/**
 * Charges for a text about to be escaped, before it is: a text of NULs grows fourfold and more on the way. `longest` is the length of its
 * longest escape. Throws PyError MemoryError, TimeoutError.
 */
export function chargeEscapes(
  meter: Meter,
  text: string,
  { isEscaped, longest }: { isEscaped(unit: number): boolean; longest: number },
): void {
  meter.spend(text.length >> 6);
  meter.allocate(text.length * 2);
  let escapes = 0;
  for (let at = 0; at < text.length; at++) if (isEscaped(text.charCodeAt(at))) escapes++;
  if (text.length + escapes * (longest - 1) > MAX_LENGTH)
    throw fail('MemoryError', `more than ${MAX_LENGTH.toLocaleString('en')} characters or elements`);
  meter.spend(Math.ceil(escapes * STEPS_AN_ESCAPE));
  meter.allocate(escapes * BYTES_AN_ESCAPE);
}
