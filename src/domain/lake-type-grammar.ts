import { InvalidError } from '../errors.ts';
import {
  FIELD_NAME,
  isNestedType,
  type LakeField,
  type LakeType,
  type NestedLakeType,
  type ScalarLakeType,
} from './lake-type-shape.ts';

/** The scalar type of a name in lower case; null: there is none; a text: why it is none. */
export type ScalarNames = (name: string) => ScalarLakeType | string | null;

/** What every engine has in a map and prints alike. */
const KEY_KINDS: readonly LakeType['kind'][] = ['string', 'boolean', 'int', 'long', 'decimal', 'uuid'];
/** Bounds: whoever gives a type is not trusted, and engines walk it by recursion. */
const MAX = { characters: 16_384, depth: 8, fields: 250, nameCharacters: 128 };
const SHOWN_CHARACTERS = 120;

/**
 * Reads `list<T>` or `array<T>`, `map<K,V>`, `struct<name:T, ...>` and the scalars among which `scalars` finds. Throws InvalidError
 * `type.unknown`, which names the place within a nested type.
 */
export function readLakeType(text: string, scalars: ScalarNames): LakeType {
  const reader: Reader = { text, at: 0, scalars };
  if (text.length > MAX.characters)
    throw malformed(reader, [], `it has more than ${MAX.characters} characters`);
  const type = readType(reader, []);
  if (reader.at < text.length) throw malformed(reader, [], `"${text.slice(reader.at)}" is left over`);
  return type;
}

interface Reader {
  text: string;
  at: number;
  scalars: ScalarNames;
}

/** Where in a nested type: "element", "value", names of fields. */
type Place = readonly string[];

function readType(reader: Reader, place: Place): LakeType {
  const [word = ''] = taken(reader, /[^<>,()]*(?:\([^()<>]*\))?[^<>,()]*/y) ?? [];
  const kind = word.trim().toLowerCase();
  if (taken(reader, /</y) === null) return scalarType(word, reader, place);
  if (place.length >= MAX.depth)
    throw malformed(reader, place, `more than ${MAX.depth} types lie within each other`);
  const type = nestedType(kind, reader, place);
  if (taken(reader, />\s*/y) === null)
    throw malformed(reader, place, `${kind}<...> does not end where it should`);
  return type;
}

function nestedType(kind: string, reader: Reader, place: Place): NestedLakeType {
  if (kind === 'list' || kind === 'array')
    return { kind: 'list', element: readType(reader, [...place, 'element']) };
  if (kind === 'map') return mapType(reader, place);
  if (kind === 'struct') return { kind: 'struct', fields: readFields(reader, place) };
  throw malformed(reader, place, `"${kind}<" is not known; use list<T>, map<K,V> or struct<name:T, ...>`);
}

function mapType(reader: Reader, place: Place): NestedLakeType {
  const key = readType(reader, [...place, 'key']);
  if (isNestedType(key) || !KEY_KINDS.includes(key.kind))
    throw malformed(reader, [...place, 'key'], `a key is one of ${KEY_KINDS.join(', ')}`);
  if (taken(reader, /,/y) === null) throw malformed(reader, place, 'map<K,V> needs a key and a value');
  return { kind: 'map', key, value: readType(reader, [...place, 'value']) };
}

function readFields(reader: Reader, place: Place): LakeField[] {
  const fields: LakeField[] = [];
  const seen = new Set<string>();
  do {
    const name = readName(reader, place);
    // engines tell no capitals in names
    if (seen.has(name.toLowerCase())) throw malformed(reader, place, `there are two fields "${name}"`);
    if (fields.length === MAX.fields)
      throw malformed(reader, place, `there are more than ${MAX.fields} fields`);
    seen.add(name.toLowerCase());
    fields.push({ name, type: readType(reader, [...place, name]) });
  } while (taken(reader, /,/y) !== null);
  return fields;
}

function readName(reader: Reader, place: Place): string {
  const found = taken(reader, /\s*(?:`([^`]*)`|([^:`<>,()]*))\s*:/y);
  const name = found?.[1] ?? found?.[2]?.trim() ?? '';
  if (!FIELD_NAME.test(name) || name.length > MAX.nameCharacters || name.trim() !== name) {
    throw malformed(
      reader,
      place,
      `a field is name:type, its name at most ${MAX.nameCharacters} letters, digits, spaces or signs without quotes and brackets`,
    );
  }
  return name;
}

function taken(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found) reader.at = pattern.lastIndex;
  return found;
}

function scalarType(word: string, reader: Reader, place: Place): ScalarLakeType {
  const found = reader.scalars(word.trim().toLowerCase());
  if (found === null) throw malformed(reader, place, `"${word.trim()}" is no type`);
  if (typeof found === 'string') throw malformed(reader, place, found);
  return found;
}

function malformed({ text }: Reader, place: Place, reason: string): InvalidError {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  const at = place.length > 0 ? `at ${place.join('.')}: ` : '';
  return new InvalidError('type.unknown', `Type "${shown}" is not known: ${at}${reason}.`);
}
