import type { Entry, Place } from './link/scope.ts';
import type { TimeSpan } from './question/dates.ts';

export type Comparator = '=' | '<>' | '>' | '>=' | '<' | '<=';
export type Aggregate = 'count' | 'distinct' | 'sum' | 'avg' | 'min' | 'max' | 'median';
export type BucketUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

export type Filter =
  /** `isExact`: the values are as the store has them; else capitals do not count. */
  | { kind: 'in'; entry: Entry; values: string[]; isNegated: boolean; isExact: boolean }
  | { kind: 'compare'; entry: Entry; op: Comparator; value: number }
  | { kind: 'text'; entry: Entry; how: 'contains' | 'starts' | 'ends'; value: string; isNegated: boolean }
  | { kind: 'empty'; entry: Entry; isNegated: boolean }
  | { kind: 'time'; entry: Entry; span: TimeSpan }
  | { kind: 'flag'; entry: Entry; value: boolean };

export interface Measure {
  fn: Aggregate;
  /** null: whole rows are counted. */
  entry: Entry | null;
  /** The part of all rows that meet `where`, or with no `where` each group's part of the whole; null: the number itself. */
  share: 'percent' | 'fraction' | null;
  where: Filter[];
}

export type Group =
  | { kind: 'column'; entry: Entry }
  | { kind: 'place'; place: Place }
  | { kind: 'bucket'; entry: Entry; unit: BucketUnit };

export type Order = { by: 'measure' } | { by: 'entry'; entry: Entry };

/** What a question asks of one table and those joined to it, whatever the store. */
export interface Draft {
  measures: Measure[];
  groups: Group[];
  filters: Filter[];
  having: { measure: Measure; op: Comparator; value: number }[];
  /** Of rows, where nothing is measured; empty: what tells a row. */
  columns: Entry[];
  isDistinct: boolean;
  /** Only how many groups there are. */
  countGroups: boolean;
  order: (Order & { descending: boolean }) | null;
  limit: number | null;
  /** In a graph: how many relationships away, at most; null: one. */
  reach: number | null;
  /** In a graph: the shortest way between two named nodes instead of rows. */
  path: { from: Place; to: Place; shown: Entry } | null;
  /** Of the rows of each `per` only the last, or first, by `time`. */
  latest: { per: Entry; time: Entry; isFirst: boolean } | null;
}

export function emptyDraft(): Draft {
  return {
    measures: [],
    groups: [],
    filters: [],
    having: [],
    columns: [],
    isDistinct: false,
    countGroups: false,
    order: null,
    limit: null,
    reach: null,
    path: null,
    latest: null,
  };
}
