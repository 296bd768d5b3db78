import type { PgType } from './column-type.ts';
import { isObject, type JsonObject, typesOf } from './json-schema.ts';
import type { StreamPlan } from './stream-plan.ts';
import { UTC_INSTANT, valuePattern } from './value-pattern.ts';

/** A RECORD line taken apart without parsing it. */
export interface TemplateMatch {
  /** The COPY fields of the plan's columns. */
  row: string;
  timeExtracted: string | undefined;
  version: number | undefined;
  /** Where the line ends. */
  end: number;
}

export interface LineTemplate {
  /** The line that begins here, or null when it looks different in any way. */
  match(text: string, start: number): TemplateMatch | null;
}

const NULL = '\\N';
const TOKEN = /"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\],:]|\s+/gy;
const INSTANT = `"(${UTC_INSTANT})"`;
const NO_ROW_CONSTRAINT = ['type', 'properties', 'required', 'title', 'description', '$schema', '$id'];

/**
 * Learns from one RECORD line how lines of its stream look: fields, their order, white space. A line that matches differs from it in
 * scalar values alone, and each of them is one the schema allows and the column takes as it is written. null: this stream's schema
 * or this line asks for more than that.
 */
export function learnTemplate(
  line: string,
  plan: StreamPlan,
  types: ReadonlyMap<string, PgType>,
): LineTemplate | null {
  if (!isPlainRow(plan.schema)) return null;
  const slots = slotsOf(line);
  if (!slots) return null;
  const columns = new Map(plan.fields.map(({ field, name, type }) => [field, types.get(name) ?? type]));
  const { source, groups } = patternOf(line, slots, (field) =>
    patternOfField(field, columns.get(field), plan),
  );
  if (source === null) return null;
  const needed = [...plan.keyFields, ...requiredOf(plan.schema)];
  if (!needed.every((field) => groups.has(`record.${field}`))) return null;
  const order = plan.fields.map(({ field }) => groups.get(`record.${field}`) ?? -1);
  return templateOf(source, order, groups.get('time_extracted') ?? -1, groups.get('version') ?? -1);
}

function templateOf(source: string, order: number[], timeAt: number, versionAt: number): LineTemplate {
  const expression = new RegExp(`${source}(?=\\n|$)`, 'y');
  return {
    match(text, start) {
      expression.lastIndex = start;
      const found = expression.exec(text);
      if (!found) return null;
      const version = versionAt === -1 ? undefined : Number(found[versionAt]);
      let row = '';
      for (let at = 0; at < order.length; at += 1) {
        if (at > 0) row += '\t';
        row += found[order[at] ?? -1] ?? NULL;
      }
      return { row, timeExtracted: found[timeAt], version, end: expression.lastIndex };
    },
  };
}

interface Slot {
  /** "record.id", "time_extracted", "type". */
  path: string;
  start: number;
  end: number;
}

/** Every value of the message and of its record; null when one of the record's is not a scalar, or a name comes twice. */
function slotsOf(line: string): Slot[] | null {
  const slots: Slot[] = [];
  const seen = new Set<string>();
  const inside: string[] = [];
  let key: string | null = null;
  for (const { 0: token, index } of line.matchAll(TOKEN)) {
    if (token.trim() === '' || token === ',' || token === ':') continue;
    if (token === '[' || token === ']') return null;
    if (token === '}') inside.pop();
    else if (token === '{') {
      if (inside.length === 2 || (inside.length === 1 && key !== 'record')) return null;
      inside.push(key === null ? '' : 'record.');
      key = null;
    } else if (key === null) key = String(JSON.parse(token));
    else {
      const path = inside.join('') + key;
      if (seen.has(path)) return null;
      seen.add(path);
      slots.push({ path, start: index, end: index + token.length });
      key = null;
    }
  }
  return slots;
}

function patternOf(line: string, slots: Slot[], patternFor: (field: string) => string | null) {
  const groups = new Map<string, number>();
  let source: string | null = '';
  let at = 0;
  for (const { path, start, end } of slots) {
    const pattern = slotPattern(path, line.slice(start, end), patternFor);
    if (pattern === null) return { source: null, groups };
    source += RegExp.escape(line.slice(at, start)) + pattern.source;
    if (pattern.captures) groups.set(path, groups.size + 1);
    at = end;
  }
  return { source: source + RegExp.escape(line.slice(at)), groups };
}

function slotPattern(path: string, written: string, patternFor: (field: string) => string | null) {
  if (path === 'type' || path === 'stream') return { source: RegExp.escape(written), captures: false };
  if (path === 'time_extracted') return { source: INSTANT, captures: true };
  if (path === 'version') return { source: String.raw`(0|[1-9]\d{0,14})`, captures: true };
  const value = path.startsWith('record.') ? patternFor(path.slice('record.'.length)) : null;
  return value === null ? null : { source: value, captures: true };
}

/** Keys longer than this are left to the parser, which knows how long they may be. */
const MAX_KEY_CHARACTERS = 200;

/** A field the schema does not name has no pattern: such a line is not learned, whether or not others are allowed. */
function patternOfField(field: string, type: PgType | undefined, plan: StreamPlan): string | null {
  const properties = plan.schema['properties'];
  if (!isObject(properties) || !Object.hasOwn(properties, field)) return null;
  const property = properties[field];
  if (!plan.keyFields.includes(field)) return valuePattern(property, type, true);
  const { maxLength = MAX_KEY_CHARACTERS } = isObject(property) ? property : {};
  const limited = {
    ...(isObject(property) && property),
    maxLength: Math.min(Number(maxLength), MAX_KEY_CHARACTERS),
  };
  return valuePattern(type === 'text' ? limited : property, type, false);
}

function isPlainRow(schema: JsonObject): boolean {
  const { additionalProperties: others = true, ...rest } = schema;
  return (
    typeof others === 'boolean' &&
    only(rest, NO_ROW_CONSTRAINT) &&
    typesOf(schema).every((type) => type === 'object')
  );
}

function only(schema: JsonObject, names: readonly string[]): boolean {
  return Object.keys(schema).every((name) => names.includes(name));
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.map(String) : [];
}
