import type { Catalog, CatalogSource, FoundryTarget } from '../../domain/foundry/catalog.ts';
import { FOUNDRY_TARGETS } from '../../domain/foundry/catalog.ts';
import type { Lexicon } from '../../matching/lexicon.ts';
import type { Likeness } from './link/name-match.ts';
import { type Scope, scopeOf } from './link/scope.ts';
import type { Prepared } from './question/prepare.ts';
import { readQuestion, type Understanding } from './read/read.ts';
import { pieces, root } from './words.ts';

const MOST_SCOPES = 40;

/** The tables a question may be about, each with what is joined to it; the sources of the hint first. */
export function scopesOf(
  catalog: Catalog,
  sources: readonly FoundryTarget[],
  prepared: Prepared,
  lexicon: Lexicon,
): Scope[] {
  const usable = orderedSources(catalog, sources);
  const words = new Set(
    [prepared.text, ...prepared.quotes, ...prepared.numbers.map(({ raw }) => raw)].flatMap(pieces).map(root),
  );
  const scopes = usable.flatMap((source) => source.tables.map((table) => ({ source, table })));
  if (scopes.length > MOST_SCOPES) {
    const ranked = scopes.map((one) => ({ ...one, known: knownWords(one.table, words) }));
    ranked.sort((a, b) => b.known - a.known);
    return ranked.slice(0, MOST_SCOPES).map(({ source, table }) => scopeOf(source, table, lexicon));
  }
  return scopes.map(({ source, table }) => scopeOf(source, table, lexicon));
}

function orderedSources(catalog: Catalog, hint: readonly FoundryTarget[]): CatalogSource[] {
  const rank = (source: CatalogSource) => {
    const hinted = hint.indexOf(source.target);
    return hinted === -1 ? hint.length + FOUNDRY_TARGETS.indexOf(source.target) : hinted;
  };
  return catalog.sources.filter((source) => source.available).sort((a, b) => rank(a) - rank(b));
}

function knownWords(table: CatalogSource['tables'][number], words: ReadonlySet<string>): number {
  const own = [table.name, ...table.columns.map((column) => column.name)].flatMap(pieces).map(root);
  const named = pieces(table.name)
    .map(root)
    .filter((word) => words.has(word)).length;
  const values = table.columns
    .flatMap((column) => column.samples)
    .flatMap(pieces)
    .map(root);
  return named * 3 + new Set([...own, ...values].filter((word) => words.has(word))).size;
}

/** The readings of a question over all scopes, the best first. Ties keep the order of the catalog. */
export function readAll(
  prepared: Prepared,
  scopes: readonly Scope[],
  sources: readonly FoundryTarget[],
  likeness: Likeness,
): Understanding[] {
  return scopes
    .map((scope) => readQuestion(prepared, scope, likeness))
    .map((one) => ({ one, rank: rankOf(one, sources) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ one }) => one);
}

function rankOf(one: Understanding, sources: readonly FoundryTarget[]): number {
  const hinted = sources.includes(one.scope.source.target) ? 0.6 : 0;
  return (
    one.score +
    hinted +
    (one.namesTable ? 0.15 : 0) -
    2 * one.leftovers.length -
    1.5 * one.problems.length -
    0.1 * one.ambiguous.length
  );
}

/** Another table of the same store that fits as well as the best one. */
export function rivalOf(best: Understanding, all: readonly Understanding[]): Understanding | null {
  const rival = all.find(
    (other) =>
      other !== best &&
      other.scope.source === best.scope.source &&
      other.leftovers.length === 0 &&
      other.problems.length === 0 &&
      Math.abs(other.score - best.score) < 0.02 &&
      other.namesTable === best.namesTable &&
      !reaches(best, other) &&
      !reaches(other, best),
  );
  return rival ?? null;
}

function reaches(from: Understanding, to: Understanding): boolean {
  return from.scope.places.some((place) => place.table === to.scope.root.table);
}
