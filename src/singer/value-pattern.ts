import { type PgType, TIMESTAMP } from './column-type.ts';
import { isObject, type JsonObject, typesOf } from './json-schema.ts';

/** Days that exist; the 29th of February is left to the parser. */
const DAY = String.raw`(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)`;
/** An instant in UTC, which it also is when it names no zone, without a group around it. */
export const UTC_INSTANT = String.raw`${DAY}[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|\+00:00)?`;
const UUID = String.raw`[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}`;

const ANNOTATIONS = ['type', 'format', 'title', 'description', '$comment', 'default', 'examples', 'example'];
const ANNOTATION_PREFIX = 'x-';
/** Keywords a pattern can take into account. */
const BOUNDS = ['minimum', 'maximum', 'maxLength', 'precision', 'scale'];

/** Values whose text is what the column takes, and that one of these JSON types allows. Each has one group. */
interface Written {
  json: readonly string[];
  pattern(schema: JsonObject): string | null;
}

const WRITTEN: Record<string, Written> = {
  smallint: { json: ['integer', 'number'], pattern: integerUpTo(4) },
  integer: { json: ['integer', 'number'], pattern: integerUpTo(9) },
  bigint: { json: ['integer', 'number'], pattern: integerUpTo(15) },
  numeric: { json: ['number'], pattern: unbounded(String.raw`(-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?)`) },
  boolean: { json: ['boolean'], pattern: unbounded('(true|false)') },
  text: { json: ['string'], pattern: textPattern },
  uuid: { json: ['string'], pattern: unbounded(`"(${UUID})"`) },
  date: { json: ['string'], pattern: unbounded(`"(${DAY})"`) },
  [TIMESTAMP]: { json: ['string'], pattern: unbounded(`"(${UTC_INSTANT})"`) },
};
const DECIMAL_TEXT: Written = {
  json: ['string'],
  pattern: unbounded(String.raw`"(-?\d{1,30}(?:\.\d{1,30})?)"`),
};

/**
 * A pattern with one group for those values of a property that its schema allows and whose text is what the column takes. It may miss
 * good values, never take a bad one. null: the schema asks for more than a pattern can tell.
 */
export function valuePattern(property: unknown, type: PgType | undefined, nullable: boolean): string | null {
  const schema = withoutNullMember(property);
  if (!schema || type === undefined || !isPlain(schema)) return null;
  const allowed = typesOf(schema);
  const written =
    schema['format'] === 'x-singer.decimal' && type.startsWith('numeric') ? DECIMAL_TEXT : WRITTEN[type];
  if (!written?.json.some((json) => allowed.includes(json))) return null;
  const pattern = written.pattern(schema);
  return pattern !== null && nullable && allowed.includes('null') ? `(?:null|${pattern})` : pattern;
}

/** `{"anyOf": [X, {"type": "null"}]}`, as many taps write it, is X or null. */
function withoutNullMember(property: unknown): JsonObject | null {
  if (!isObject(property)) return null;
  const { anyOf, ...own } = property;
  if (anyOf === undefined) return property;
  if (!Array.isArray(anyOf) || 'type' in own || !isPlain(own)) return null;
  const members = anyOf.filter((member) => !isNull(member));
  const [member] = members;
  if (members.length !== 1 || !isObject(member) || members.length === anyOf.length) return null;
  return { ...member, type: [...typesOf(member), 'null'] };
}

function isNull(member: unknown): boolean {
  return isObject(member) && Object.keys(member).length === 1 && member['type'] === 'null';
}

function isPlain(schema: JsonObject): boolean {
  return Object.keys(schema).every(
    (name) => ANNOTATIONS.includes(name) || BOUNDS.includes(name) || name.startsWith(ANNOTATION_PREFIX),
  );
}

function unbounded(pattern: string) {
  return (schema: JsonObject) =>
    ['minimum', 'maximum', 'maxLength'].some((name) => name in schema) ? null : pattern;
}

function textPattern({ maxLength, minimum, maximum }: JsonObject): string | null {
  if (minimum !== undefined || maximum !== undefined) return null;
  if (maxLength !== undefined && !Number.isInteger(maxLength)) return null;
  // counted here in UTF-16 units, of which a text has at least as many as characters
  const length = typeof maxLength === 'number' && maxLength <= 10_000 ? `{0,${maxLength}}` : '*';
  if (length === '*' && maxLength !== undefined) return null;
  return String.raw`"([^"\\\u0000-\u001f\u007f-\u009f]${length})"`;
}

/** Whole numbers of at most so many digits, and of fewer where a bound would otherwise have to be compared. */
function integerUpTo(digits: number) {
  return ({ minimum = -Infinity, maximum = Infinity, maxLength }: JsonObject): string | null => {
    if (typeof minimum !== 'number' || typeof maximum !== 'number' || maxLength !== undefined) return null;
    const up = digitsBelow(maximum, digits);
    const down = digitsBelow(-minimum, digits);
    if (minimum > 0 || up === 0) return null;
    const positive = String.raw`0|[1-9]\d{0,${up - 1}}`;
    return down === 0 ? `(${positive})` : String.raw`(${positive}|-[1-9]\d{0,${down - 1}})`;
  };
}

/** How many digits a number may have so that none is beyond the limit. */
function digitsBelow(limit: number, most: number): number {
  let digits = most;
  while (digits > 0 && 10 ** digits - 1 > limit) digits -= 1;
  return digits;
}
