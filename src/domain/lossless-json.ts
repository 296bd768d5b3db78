interface SourceContext {
  source?: string;
}
type SourceReviver = (key: string, value: unknown, context: SourceContext) => unknown;

declare global {
  interface JSON {
    /** V8's raw JSON text: stringified exactly as given. Only for primitives. */
    rawJSON(text: string): unknown;
  }
}

/** A JSON document as text. Used where numbers must survive as written (Singer states). */
export type JsonText = string;

/**
 * Parses JSON so that `JSON.stringify` gives every number back as it was written: 2^53 + 1, 1.0 and 1e400 survive.
 * Numbers a double holds and prints alike stay plain numbers; the others become raw JSON values, fit only for printing.
 * Throws SyntaxError on malformed text.
 */
export function parseLossless(text: JsonText): unknown {
  return JSON.parse(text, keepNumberSource as SourceReviver as (key: string, value: unknown) => unknown);
}

function keepNumberSource(_key: string, value: unknown, context: SourceContext): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : JSON.rawJSON(context.source);
}
