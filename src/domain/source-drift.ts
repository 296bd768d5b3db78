import type { MappingDrift } from './mapping.ts';

/** Who told a stream's fields: a discovery of the source, or a run that read it. */
export type SchemaOrigin = 'discover' | 'run';

/** Field -> type, as a source tells them. */
export type SourceFields = Readonly<Record<string, string>>;

/** What is different, or to be looked at, in one stream that was discovered anew. */
export interface StreamDrift {
  stream: string;
  /** Since it was told before. */
  changes: FieldChange[];
  /** ids of the mappings whose field has changed and that nobody has reviewed since */
  flagged: string[];
  /** Fields without a mapping, of a stream that has mappings. */
  unmapped: string[];
}

export type FieldChange =
  | { field: string; kind: 'added'; to: string }
  | { field: string; kind: 'removed'; from: string }
  | { field: string; kind: 'type_changed'; from: string; to: string };

/** What was told of a stream before, by whom; null: nothing was. */
export interface KnownFields {
  /** By the same origin: like is compared with like. */
  own: SourceFields | null;
  /** By the other, where that was later or the same has told nothing: what it told already is no news. */
  other: SourceFields | null;
}

/** How a stream's fields differ from what was known of it; nothing known: nothing differs. In the order known, then the order told. */
export function changedFields(known: KnownFields, told: SourceFields): FieldChange[] {
  const before = known.own ?? known.other;
  if (before === null) return [];
  const gone = Object.entries(before).flatMap(([field, from]): FieldChange[] => {
    const to = typeIn(told, field);
    if (to === undefined) return isNews(known, field, to) ? [{ field, kind: 'removed', from }] : [];
    if (isSameType(from, to) || !isNews(known, field, to)) return [];
    return [{ field, kind: 'type_changed', from, to }];
  });
  const added = Object.entries(told).flatMap(([field, to]): FieldChange[] =>
    typeIn(before, field) === undefined && isNews(known, field, to) ? [{ field, kind: 'added', to }] : [],
  );
  return [...gone, ...added];
}

/** What the other origin has told of a field already was looked at when it was told. */
function isNews({ own, other }: KnownFields, field: string, told: string | undefined): boolean {
  if (own === null || other === null) return true;
  const heard = typeIn(other, field);
  if (told === undefined || heard === undefined) return told !== heard;
  return !isSameType(heard, told);
}

/** What was told of a mapping's stream. */
export interface Telling {
  origin: SchemaOrigin;
  fields: SourceFields;
  /** How the mapping's field differs from what was known; undefined: it does not. */
  change: FieldChange | undefined;
  /** ISO 8601, now. */
  at: string;
}

/** What a mapping's drift is after its stream was told anew. The very object it had: nothing about it has changed. */
export function driftAfter(
  mapping: { sourceField: string; sourceType: string; drift: MappingDrift | null },
  telling: Telling,
): MappingDrift | null {
  const { drift, sourceType } = mapping;
  const { change, fields, origin, at } = telling;
  if (drift) {
    const now = typeIn(fields, mapping.sourceField);
    return now === undefined ? goneAfter(drift, telling) : backAfter(drift, now, telling);
  }
  switch (change?.kind) {
    case 'removed':
      return { kind: 'field_removed', since: at, by: origin, from: change.from };
    case 'type_changed':
      // made for what the source says now, before Ivory was told
      if (isSameType(sourceType, change.to)) return null;
      return { kind: 'type_changed', since: at, by: origin, from: change.from, to: change.to };
    default:
      return null;
  }
}

function goneAfter(drift: MappingDrift, { change, origin, at }: Telling): MappingDrift {
  if (drift.kind === 'field_removed' || change?.kind !== 'removed') return drift;
  return { kind: 'field_removed', since: at, by: origin, from: drift.from };
}

/** A field that is as it was when the mapping was made has no drift; who never saw it change cannot say so. */
function backAfter(drift: MappingDrift, now: string, { change, origin, at }: Telling): MappingDrift | null {
  if (change === undefined && drift.by !== undefined && drift.by !== origin) return drift;
  if (drift.from === undefined || isSameType(drift.from, now)) return null;
  if (drift.kind === 'type_changed' && isSameType(drift.to, now)) return drift;
  return { kind: 'type_changed', since: at, by: origin, from: drift.from, to: now };
}

/** "field Amount changed from number to string", "field Amount is gone" */
export function driftText(field: string, drift: MappingDrift): string {
  if (drift.kind === 'field_removed') return `field "${field}" is gone`;
  return `field "${field}" changed from ${drift.from} to ${drift.to}`;
}

/** Whether two words name one type. A field of numbers that happens to hold whole ones has not changed. */
export function isSameType(before: string, now: string): boolean {
  const [from, to] = [familyOf(before), familyOf(now)];
  return from === to || (from === 'number' && to === 'integer');
}

/** One type of two tellings of the same field. */
export function widerType(a: string, b: string): string {
  if (isSameType(a, b)) return a;
  if (isSameType(b, a)) return b;
  return 'string';
}

/** The types that differ for a load; what is not named here (email, uuid, uri and other formats of text) is text. */
const FAMILIES: Record<string, readonly string[]> = {
  boolean: ['boolean', 'bool'],
  integer: ['integer', 'int', 'int2', 'int4', 'int8', 'bigint', 'smallint', 'long', 'short'],
  number: ['number', 'float', 'float4', 'float8', 'double', 'double precision', 'decimal', 'numeric', 'real'],
  'date-time': [
    'date-time',
    'datetime',
    'timestamp',
    'timestamptz',
    'timestamp with time zone',
    'timestamp without time zone',
    'timestamp_tz',
    'timestamp_ntz',
  ],
  date: ['date'],
  time: ['time'],
  object: ['object', 'json', 'jsonb', 'struct', 'map'],
  array: ['array'],
};

const FAMILY_BY_WORD = new Map(
  Object.entries(FAMILIES).flatMap(([family, words]) => words.map((word) => [word, family] as const)),
);

function familyOf(word: string): string {
  const bare = word
    .trim()
    .toLowerCase()
    .replace(/\s*\([^)]*\)/, '');
  return FAMILY_BY_WORD.get(bare) ?? 'string';
}

function typeIn(fields: SourceFields, field: string): string | undefined {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}
