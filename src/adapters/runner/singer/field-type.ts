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

/** One word for the type of a JSON schema property: its format ("date-time") where it has one, else its first type that is not null. */
export function fieldType(property: unknown): string {
  return typeWord(property, 0) ?? UNKNOWN;
}

const DEEPEST = 4;

function typeWord(property: unknown, depth: number): string | null {
  const parsed = Property.safeParse(property);
  if (!parsed.success || depth > DEEPEST) return null;
  const { type, format, anyOf, oneOf } = parsed.data;
  const own = [type ?? []].flat().find((word) => word !== 'null' && WORD.test(word));
  if (format && WORD.test(format) && (own === undefined || own === 'string')) return format;
  if (own !== undefined) return own;
  for (const choice of [...(anyOf ?? []), ...(oneOf ?? [])]) {
    const word = typeWord(choice, depth + 1);
    if (word !== null) return word;
  }
  return null;
}
