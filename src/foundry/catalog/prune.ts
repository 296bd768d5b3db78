import type { Catalog, CatalogSource, CatalogTable } from '../../domain/foundry/catalog.ts';
import { fitTables } from './fit-tables.ts';
import { createRanking } from './rank-tables.ts';

export interface PruneLimits {
  maxTables: number;
  /** Of the JSON of all tables together. */
  maxCharacters: number;
}

/** Share of the tables that the question itself chooses before their neighbours come. */
const CHOSEN_SHARE = 0.6;

interface Placed {
  source: CatalogSource;
  table: CatalogTable;
  score: number;
}

/**
 * The part of a catalog a question is about: the tables its words point at and those they refer to or are referred by, the most likely first, and of
 * wide tables the columns that matter. Every source stays, if without tables. A small catalog stays as it is.
 * For planning only: a guard needs the whole catalog.
 */
export function prune(catalog: Catalog, question: string, limits: PruneLimits): Catalog {
  const count = catalog.sources.reduce((sum, { tables }) => sum + tables.length, 0);
  if (count <= limits.maxTables && JSON.stringify(catalog).length <= limits.maxCharacters) return catalog;
  const ranking = createRanking(question);
  const ranked = placedTables(catalog, (tables) => ranking.rank(tables).map(({ score }) => score));
  const chosen = withNeighbours(ranked, limits.maxTables);
  const fitting = fitTables(
    chosen.map(({ table }) => table),
    limits.maxCharacters,
    ranking.columnScore,
  );
  return {
    sources: catalog.sources.map((source) => ({
      ...source,
      tables: chosen.flatMap((placed, n) => {
        const table = fitting[n];
        return placed.source === source && table ? [table] : [];
      }),
    })),
  };
}

/** Best first; without a hint the largest. */
function placedTables({ sources }: Catalog, scoresOf: (tables: CatalogTable[]) => number[]): Placed[] {
  const all = sources.flatMap((source) => source.tables.map((table) => ({ source, table })));
  const scores = scoresOf(all.map(({ table }) => table));
  return all
    .map((placed, n) => ({ ...placed, score: scores[n] ?? 0 }))
    .sort(
      (a, b) =>
        b.score - a.score ||
        (b.table.rowCount ?? 0) - (a.table.rowCount ?? 0) ||
        (a.table.name < b.table.name ? -1 : 1),
    );
}

function withNeighbours(ranked: readonly Placed[], maxTables: number): Placed[] {
  const own = ranked.slice(0, Math.max(1, Math.round(maxTables * CHOSEN_SHARE)));
  const links = linksOf(ranked);
  const pull = new Map<Placed, number>();
  for (const placed of own) {
    for (const neighbour of links.get(placed) ?? [])
      pull.set(neighbour, (pull.get(neighbour) ?? 0) + placed.score);
  }
  const isOwn = new Set(own);
  // one that links two chosen tables comes before one that is beside one
  const neighbours = [...pull].filter(([placed]) => !isOwn.has(placed)).sort((a, b) => b[1] - a[1]);
  const rest = ranked.slice(own.length);
  return [...new Set([...own, ...neighbours.map(([placed]) => placed), ...rest])].slice(0, maxTables);
}

/** Both ways along references. */
function linksOf(placed: readonly Placed[]): Map<Placed, Placed[]> {
  const byName = new Map(placed.map((one) => [nameIn(one.source, one.table.name), one]));
  const links = new Map<Placed, Placed[]>();
  const link = (from: Placed, to: Placed) => links.set(from, [...(links.get(from) ?? []), to]);
  for (const from of placed) {
    for (const { table } of from.table.references) {
      const to = byName.get(nameIn(from.source, table));
      if (!to || to === from) continue;
      link(from, to);
      link(to, from);
    }
  }
  return links;
}

function nameIn({ target }: CatalogSource, table: string): string {
  return `${target} ${table}`;
}
