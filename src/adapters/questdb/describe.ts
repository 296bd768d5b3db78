import type { CatalogColumn, CatalogTable } from '../../domain/foundry/catalog.ts';
import type { Session } from './session.ts';
import type { VisibleTable } from './visible-tables.ts';

const MOST_SYMBOLS = 100;
const SAMPLES = 20;
/** Samples come from the newest rows: a whole table may be billions. */
const SAMPLED_ROWS = 100_000;
/** Beyond so many tables the rest is described without samples and counts. */
const MOST_SAMPLED_TABLES = 500;

/** The tables with columns, keys (of deduplication), counts, and the symbols of columns that have few. */
export async function describeTables(
  session: Session,
  tables: readonly VisibleTable[],
  tenantId: string,
): Promise<CatalogTable[]> {
  const described: CatalogTable[] = [];
  for (const [n, table] of tables.entries())
    described.push(await describeTable(session, table, { tenantId, isSampled: n < MOST_SAMPLED_TABLES }));
  return described;
}

interface FoundColumn {
  name: string;
  type: string;
  isTime: boolean;
  isKey: boolean;
  symbols: number;
}

async function describeTable(
  session: Session,
  table: VisibleTable,
  { tenantId, isSampled }: { tenantId: string; isSampled: boolean },
): Promise<CatalogTable> {
  const found = await columnsOf(session, table.name);
  const columns: CatalogColumn[] = [];
  for (const column of found) {
    const isLow = column.type === 'SYMBOL' && column.symbols > 0 && column.symbols <= MOST_SYMBOLS;
    columns.push({
      name: column.name,
      type: column.type,
      nullable: !column.isTime && !/^(BOOLEAN|BYTE|SHORT)$/.test(column.type),
      description: table.declaration?.columns.get(column.name) ?? null,
      samples: isSampled && isLow ? await symbolsOf(session, table, column.name, tenantId) : [],
    });
  }
  const dedup = found.filter(({ isKey }) => isKey).map(({ name }) => name);
  return {
    name: table.name,
    kind: 'table',
    description: table.declaration?.description ?? null,
    // of a table of several tenants only a scan would tell
    rowCount: isSampled && table.tenantColumn === null ? await countOf(session, table.name) : null,
    columns,
    keys: [...(table.declaration?.keys ?? []), ...(dedup.length > 0 ? [dedup] : [])].map((key) => [...key]),
    references: [...(table.declaration?.references ?? [])],
    tenantColumn: table.tenantColumn,
    timeColumn: found.find(({ isTime }) => isTime)?.name ?? null,
  };
}

async function columnsOf(session: Session, table: string): Promise<FoundColumn[]> {
  const rows = await session.rows(
    `SELECT "column", "type", designated, upsertKey, symbolTableSize FROM table_columns(${literal(table)})`,
  );
  return rows.map(([name, type, designated, upsertKey, symbols]) => ({
    name: String(name),
    type: String(type),
    isTime: String(designated) === 't',
    isKey: String(upsertKey) === 't',
    symbols: Number(String(symbols)),
  }));
}

/** From the table's own books, without reading it. */
async function countOf(session: Session, table: string): Promise<number> {
  const [row] = await session.rows(`SELECT count() FROM ${identifier(table)}`);
  return Number(String(row?.[0]));
}

async function symbolsOf(
  session: Session,
  table: VisibleTable,
  column: string,
  tenantId: string,
): Promise<string[]> {
  const only =
    table.tenantColumn === null ? '' : ` WHERE ${identifier(table.tenantColumn)} = ${literal(tenantId)}`;
  const rows = await session.rows(
    `SELECT DISTINCT ${identifier(column)} FROM (SELECT * FROM ${identifier(table.name)} LIMIT -${SAMPLED_ROWS})${only} LIMIT ${SAMPLES}`,
  );
  return rows.flatMap(([value]) => (value ? [value.toString()] : [])).sort();
}

/** No name of QuestDB's holds a quote. */
function identifier(name: string): string {
  return `"${name.replaceAll('"', '')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
