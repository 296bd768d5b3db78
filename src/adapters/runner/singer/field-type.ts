import { z } from 'zod';

const Property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/** A word that can stand for a type; anything else a tap may write there is not passed on. */
const WORD = /^[a-z][a-z0-9-]{0,31}$/;
const UNKNOWN = 'string';

/** The types of the properties of a JSON schema; anything that is none has no fields. */
export function fieldTypes(properties: unknown): Record<string, string> {
  const named = Properties.safeParse(properties).data ?? {};
  return Object.fromEntries(Object.entries(named).map(([name, property]) => [name, fieldType(property)]));
}

/**
 * One word for the type of a JSON schema property: its format ("date-time") where it has one. Of several types, in whatever order they
 * are written, the one that holds the others.
 */
export function fieldType(property: unknown): string {
  const words = new Set(typeWords(property, 0));
  return WIDEST_FIRST.find((word) => words.has(word)) ?? [...words].sort()[0] ?? UNKNOWN;
}

const Properties = z.record(z.string(), z.unknown());

/** A format that is not here is a kind of text, narrower than any text. */
const WIDEST_FIRST = [
  'object',
  'array',
  'string',
  'date-time',
  'date',
  'time',
  'number',
  'integer',
  'boolean',
];

const DEEPEST = 4;

function typeWords(property: unknown, depth: number): string[] {
  const parsed = Property.safeParse(property);
  if (!parsed.success || depth > DEEPEST) return [];
  const { type, format, anyOf, oneOf } = parsed.data;
  const own = [type ?? []].flat().filter((word) => word !== 'null' && WORD.test(word));
  const refined = format && WORD.test(format) ? format : null;
  if (own.length > 0) return own.map((word) => (word === 'string' ? (refined ?? word) : word));
  if (refined) return [refined];
  return [...(anyOf ?? []), ...(oneOf ?? [])].flatMap((choice) => typeWords(choice, depth + 1));
}
