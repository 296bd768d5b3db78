import type { Catalog, CatalogColumn, CatalogSource, CatalogTable } from '../../domain/foundry/catalog.ts';
import { estimateTokens } from '../../domain/token-estimate.ts';

interface PromptTable {
  name: string;
  [detail: string]: unknown;
}

interface PromptStore {
  target: string;
  dialect: string;
  available: boolean;
  tables: PromptTable[];
}

interface Detail {
  samples: number;
  descriptions: boolean;
}

const BARE: Detail = { samples: 0, descriptions: false };
/** From all there is to names and types alone. */
const DETAILS: readonly Detail[] = [
  { samples: 12, descriptions: true },
  { samples: 5, descriptions: true },
  { samples: 3, descriptions: false },
  BARE,
];
const LONGEST_SAMPLE = 60;
const LONGEST_DESCRIPTION = 240;

/** A pruned catalog for a prompt, in as much detail as fits; tables that do not fit even barely are left out, the last first. */
export function promptCatalog(catalog: Catalog, maxTokens: number): PromptStore[] {
  for (const detail of DETAILS) {
    const stores = catalog.sources.map((source) => storeOf(source, detail));
    if (estimateTokens(JSON.stringify(stores)) <= maxTokens) return stores;
  }
  let left = maxTokens;
  return catalog.sources.map((source) => {
    const store = storeOf(source, BARE);
    const fitting = store.tables.filter((table) => {
      const tokens = estimateTokens(JSON.stringify(table));
      if (tokens > left) return false;
      left -= tokens;
      return true;
    });
    return { ...store, tables: fitting };
  });
}

function storeOf({ target, dialect, available, tables }: CatalogSource, detail: Detail): PromptStore {
  return { target, dialect, available, tables: tables.map((table) => tableOf(table, detail)) };
}

function tableOf(table: CatalogTable, detail: Detail): PromptTable {
  const { name, kind, description, rowCount, columns, keys, references, timeColumn } = table;
  return {
    name,
    ...(kind === 'table' ? {} : { kind }),
    ...(description && detail.descriptions ? { about: clipped(description, LONGEST_DESCRIPTION) } : {}),
    // one digit: another row in the table is not another question
    ...(rowCount === null ? {} : { rows: Number(rowCount.toPrecision(1)) }),
    columns: detail === BARE ? typesOf(columns) : columns.map((column) => columnOf(column, detail)),
    ...(keys.length > 0 ? { keys } : {}),
    ...(references.length > 0 ? { references } : {}),
    ...(timeColumn === null ? {} : { time_column: timeColumn }),
  };
}

function typesOf(columns: readonly CatalogColumn[]): Record<string, string> {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}

function columnOf({ name, type, description, samples }: CatalogColumn, detail: Detail) {
  const values = samples.slice(0, detail.samples).map((sample) => clipped(sample, LONGEST_SAMPLE));
  return {
    name,
    type,
    ...(description && detail.descriptions ? { about: clipped(description, LONGEST_DESCRIPTION) } : {}),
    ...(values.length > 0 ? { values } : {}),
  };
}

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
