import { isObject, type JsonObject, typesOf } from '../../../singer/json-schema.ts';

/** Keys of a Singer property, as the loader reads them. */
export interface SingerProperty extends JsonObject {
  type: string[];
  format?: string;
}

export type SingerProperties = Record<string, SingerProperty>;

const FIELDS_DEEP = 8;

/**
 * The Singer schema of an Airbyte stream's fields. Airbyte's types describe, they do not constrain: every field but the keys may be null, and nothing
 * but its type is asked of a value. Arrays and objects are JSON; a field of several types is text, or JSON where one of them is.
 */
export function singerProperties(jsonSchema: unknown, keys: readonly string[]): SingerProperties {
  const properties =
    isObject(jsonSchema) && isObject(jsonSchema['properties']) ? jsonSchema['properties'] : {};
  return Object.fromEntries(
    Object.entries(properties).map(([field, schema]) => {
      const property = propertyOf(schema);
      return [field, keys.includes(field) ? property : { ...property, type: [...property.type, 'null'] }];
    }),
  );
}

function propertyOf(schema: unknown): SingerProperty {
  const choices = choicesOf(schema, 0);
  const [first] = choices;
  if (first === undefined) return { type: ['string'] };
  if (choices.every((each) => sameType(each, first))) return first;
  if (choices.some(isJson)) return { type: ['object'] };
  return choices.every(isNumeric) ? { type: ['number'] } : { type: ['string'] };
}

/** Every type but null a field may have. */
function choicesOf(schema: unknown, depth: number): SingerProperty[] {
  if (!isObject(schema) || depth > FIELDS_DEEP) return [];
  const own = typesOf(schema)
    .filter((type) => type !== 'null')
    .map((type) => singleType(type, schema));
  if (own.length > 0) return own;
  const members = [schema['oneOf'], schema['anyOf'], schema['allOf']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return members.flatMap((member) => choicesOf(member, depth + 1));
}

function singleType(type: string, schema: JsonObject): SingerProperty {
  const refined = String(schema['airbyte_type'] ?? '');
  switch (type) {
    case 'string':
      return stringType(refined, schema['format']);
    case 'number':
      return { type: [refined === 'integer' ? 'integer' : 'number'] };
    case 'integer':
    case 'boolean':
    case 'object':
    case 'array':
      return { type: [type] };
    default:
      return { type: ['string'] };
  }
}

/** A time of day that may have an offset stays text: a column for it would drop the offset. Big numbers are written as text. */
function stringType(refined: string, format: unknown): SingerProperty {
  if (refined === 'big_integer' || refined === 'big_number')
    return { type: ['string'], format: 'x-singer.decimal' };
  if (format === 'time' && refined !== 'time_without_timezone') return { type: ['string'] };
  return format === 'date' || format === 'date-time' || format === 'time'
    ? { type: ['string'], format }
    : { type: ['string'] };
}

function sameType(a: SingerProperty, b: SingerProperty): boolean {
  return a.type[0] === b.type[0] && a.format === b.format;
}

function isJson({ type }: SingerProperty): boolean {
  return type[0] === 'object' || type[0] === 'array';
}

function isNumeric({ type }: SingerProperty): boolean {
  return type[0] === 'integer' || type[0] === 'number';
}
