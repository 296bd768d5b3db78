import type { CatalogColumn, CatalogTable } from '../../domain/foundry/catalog.ts';

/** Of what is left, what one table may take. */
const SHARE = 0.5;
const SAMPLES_OF_LEAN = 3;

/** Each table within the characters left to it, wide ones with fewer columns; null: none are left. In the order given, which is of importance. */
export function fitTables(
  tables: readonly CatalogTable[],
  maxCharacters: number,
  columnScore: (column: CatalogColumn) => number,
): (CatalogTable | null)[] {
  let left = maxCharacters;
  const whole = tables.reduce((sum, table) => sum + sizeOf(table), 0);
  if (whole <= maxCharacters) return [...tables];
  return tables.map((table) => {
    const size = sizeOf(table);
    const fitting = size <= left * SHARE ? table : cut(table, left * SHARE, columnScore);
    if (fitting) left -= sizeOf(fitting);
    return fitting;
  });
}

function cut(
  table: CatalogTable,
  maxCharacters: number,
  columnScore: (column: CatalogColumn) => number,
): CatalogTable | null {
  const linking = new Set([
    ...table.keys.flat(),
    ...table.references.flatMap(({ columns }) => columns),
    ...[table.timeColumn, table.tenantColumn].filter((name) => name !== null),
  ]);
  let left = maxCharacters - sizeOf({ ...table, columns: [] });
  const order = table.columns
    .map((column, at) => ({ at, score: columnScore(column) + (linking.has(column.name) ? 1 : 0) }))
    .sort((a, b) => b.score - a.score || a.at - b.at);
  const kept = new Map<number, CatalogColumn>();
  for (const { at } of order) {
    const column = lean(table.columns[at]);
    if (!column) continue;
    left -= sizeOf(column) + 1;
    if (left < 0) break;
    kept.set(at, column);
  }
  const columns = [...kept].sort(([a], [b]) => a - b).map(([, column]) => column);
  return columns.length === 0 ? null : { ...table, columns };
}

function lean(column: CatalogColumn | undefined): CatalogColumn | null {
  return column ? { ...column, samples: column.samples.slice(0, SAMPLES_OF_LEAN) } : null;
}

function sizeOf(part: CatalogTable | CatalogColumn): number {
  return JSON.stringify(part).length;
}
