import type {
  CatalogColumn,
  CatalogReference,
  CatalogSource,
  CatalogTable,
} from '../../../domain/foundry/catalog.ts';
import type { Lexicon } from '../../../matching/lexicon.ts';
import { readingsOf, tokenize } from '../../../matching/name-tokens.ts';
import { type ColumnKind, kindOf } from '../kinds.ts';
import { root } from '../words.ts';

/** A table as one question reaches it: the one whose rows are counted, or one joined to it along references. */
export interface Place {
  /** Unique in its scope; empty for the first. */
  key: string;
  table: CatalogTable;
  parent: Place | null;
  via: CatalogReference | null;
  hops: number;
  /** Roots of the words of its name, most telling last. */
  names: string[];
  /** Roots of the words of the columns it is reached by: "origin". */
  role: string[];
}

export interface Entry {
  place: Place;
  column: CatalogColumn;
  kind: ColumnKind;
  /** Ways to read its name, as roots; the first is as written. */
  readings: string[][];
  described: Set<string>;
}

export interface Scope {
  source: CatalogSource;
  root: Place;
  places: Place[];
  entries: Entry[];
}

const MOST_HOPS = 3;
const MOST_PLACES = 24;

/** What can be asked of a table: its columns and those of the tables its references lead to. Pure. */
export function scopeOf(source: CatalogSource, table: CatalogTable, lexicon: Lexicon): Scope {
  const first: Place = {
    key: '',
    table,
    parent: null,
    via: null,
    hops: 0,
    names: nameRoots(table),
    role: [],
  };
  const places = [first];
  for (let at = 0; at < places.length && places.length < MOST_PLACES; at++) {
    const from = places[at];
    if (!from || from.hops === MOST_HOPS) continue;
    for (const via of from.table.references) {
      const next = source.tables.find((other) => other.name === via.table);
      if (next && !visited(from, next, via)) places.push(step(from, next, via));
    }
  }
  const entries = places.flatMap((place) =>
    place.table.columns
      .filter((column) => column.name !== place.table.tenantColumn)
      .map((column) => entryOf(place, column, lexicon)),
  );
  return { source, root: first, places, entries };
}

/** The words a table is called by: its own name without namespace and the marks of modellers. */
export function nameRoots(table: CatalogTable): string[] {
  const words = tokenize(table.name.slice(table.name.lastIndexOf('.') + 1));
  const own = words.filter((word) => !/^(?:dim|fact|fct|stg|tbl|table|raw|vw|view|mart|\d+)$/.test(word));
  return (own.length > 0 ? own : words).map(root);
}

function visited(from: Place, next: CatalogTable, via: CatalogReference): boolean {
  if (from.via === via) return true;
  for (let at: Place | null = from; at; at = at.parent) {
    if (at.table === next && at.parent !== null) return true;
    if (at.table === next && from.parent !== null) return true;
  }
  return false;
}

function step(from: Place, table: CatalogTable, via: CatalogReference): Place {
  const role = via.columns.flatMap(tokenize).filter((word) => !/^(?:id|key|code|fk|no|number)$/.test(word));
  const names = nameRoots(table);
  return {
    key: `${from.key}>${via.columns.join('+')}:${via.table}`,
    table,
    parent: from,
    via,
    hops: from.hops + 1,
    names,
    role: [...new Set([...from.role, ...role.map(root)])].filter((word) => !names.includes(word)),
  };
}

function entryOf(place: Place, column: CatalogColumn, lexicon: Lexicon): Entry {
  const readings = readingsOf(tokenize(column.name), lexicon, 4).map((words) => words.map(root));
  const described = new Set(tokenize(column.description ?? '').map(root));
  return { place, column, kind: kindOf(column), readings, described };
}

/** The column that says which row this is to a person: a name or title, else the key. */
export function displayOf(scope: Scope, place: Place): Entry | null {
  const own = scope.entries.filter((entry) => entry.place === place);
  const named = (pattern: RegExp) =>
    own.filter((entry) => entry.kind === 'text' && pattern.test(entry.column.name));
  const [first] = [
    ...named(/^(?:full_?|display_?)?name$/i),
    ...named(/^(?:title|label)$/i),
    ...own.filter((entry) => entry.kind === 'text' && isOwnName(entry, place)),
    ...named(/(?:_|\b)(?:name|title)$/i),
    ...named(/name|title/i),
    ...keysOf(own, place),
  ];
  return first ?? null;
}

/** "airport_name" of airports, "deal" of deals. */
function isOwnName(entry: Entry, place: Place): boolean {
  const words = entry.readings[0] ?? [];
  const rest = words.filter(
    (word) => word !== 'nam' && word !== 'titl' && word !== 'name' && word !== 'title',
  );
  return rest.length > 0 && rest.every((word) => place.names.includes(word)) && !words.includes('id');
}

function keysOf(own: readonly Entry[], place: Place): Entry[] {
  const columns = place.table.keys[0] ?? ['id'];
  return own.filter((entry) => columns.includes(entry.column.name));
}
