export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The "type" of a JSON schema as a list; empty when it names none. */
export function typesOf(schema: JsonObject): string[] {
  const { type } = schema;
  const list = Array.isArray(type) ? type : [type];
  return list.filter((each): each is string => typeof each === 'string');
}
