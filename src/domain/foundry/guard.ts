import type { CatalogTable } from './catalog.ts';

/** Why a query is refused; stable. */
export const GUARD_CODES = [
  'guard.too_long',
  'guard.too_deep',
  'guard.unparsable',
  'guard.several_statements',
  'guard.not_read_only',
  'guard.relation_refused',
  'guard.function_refused',
  'guard.construct_refused',
] as const;
export type GuardCode = (typeof GUARD_CODES)[number];

export interface GuardRequest {
  tenantId: string;
  query: string;
  /** The tables of this tenant in the store that is asked: the only relations a query may name. */
  tables: readonly CatalogTable[];
  /** The most rows an answer may have; written into the query. */
  maxRows: number;
}

export type GuardVerdict =
  | {
      allowed: true;
      /** What may run: printed from the checked tree, never the text that came in. */
      query: string;
      /** The limit is the guard's: an answer of maxRows rows may have been cut. */
      limited: boolean;
    }
  | {
      allowed: false;
      code: GuardCode;
      /** Public: names what was refused and what to do instead; never another tenant's name. */
      reason: string;
    };

/** Judges one query of one dialect. Never throws for any text; pure but for loading its parser. */
export type Guard = (request: GuardRequest) => Promise<GuardVerdict>;
