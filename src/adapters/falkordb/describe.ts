import type { CatalogColumn, CatalogTable } from '../../domain/foundry/catalog.ts';
import type { StoreValue } from '../../domain/foundry/store-value.ts';
import type { DeclaredTable } from '../../foundry/catalog-file.ts';

/** Nodes and relationships looked at, of each label and type. */
const SAMPLED = 1_000;
const MOST_SAMPLES = 20;
const LONGEST_SAMPLE = 100;

export type Ask = (query: string) => Promise<StoreValue[][]>;

/** Labels and relationship types with their counts, and with the properties, types and ends that a sample of each shows. */
export async function describeGraph(ask: Ask, declared: readonly DeclaredTable[]): Promise<CatalogTable[]> {
  const [[labels, types] = []] = await ask(
    'CALL db.meta.stats() YIELD labels, relTypes RETURN labels, relTypes',
  );
  const words = new Map(declared.map((table) => [table.name, table]));
  const tables: CatalogTable[] = [];
  for (const [label, count] of countsOf(labels)) {
    const columns = await propertiesOf(ask, `MATCH (n:${quoted(label)})`, words.get(label));
    tables.push({ ...base(label, 'node', words.get(label)), rowCount: count, columns });
  }
  for (const [type, count] of countsOf(types)) {
    const match = `MATCH (s)-[n:${quoted(type)}]->(e)`;
    const columns = await propertiesOf(ask, match, words.get(type));
    const references = await endsOf(ask, match);
    tables.push({
      ...base(type, 'relationship', words.get(type)),
      rowCount: count,
      columns,
      references: [...references, ...(words.get(type)?.references ?? [])],
    });
  }
  return tables;
}

function base(name: string, kind: CatalogTable['kind'], words: DeclaredTable | undefined): CatalogTable {
  return {
    name,
    kind,
    description: words?.description ?? null,
    rowCount: null,
    columns: [],
    keys: (words?.keys ?? []).map((key) => [...key]),
    references: [...(words?.references ?? [])],
    tenantColumn: null,
    timeColumn: null,
  };
}

async function propertiesOf(
  ask: Ask,
  match: string,
  words: DeclaredTable | undefined,
): Promise<CatalogColumn[]> {
  const rows = await ask(
    `${match} WITH n LIMIT ${SAMPLED} UNWIND keys(n) AS k WITH k, n[k] AS v
     RETURN k, collect(DISTINCT typeOf(v)), count(v), collect(DISTINCT CASE WHEN typeOf(v) = 'String' THEN v ELSE null END)[0..${MOST_SAMPLES + 1}]
     ORDER BY k`,
  );
  const [[seen] = []] = await ask(`${match} WITH n LIMIT ${SAMPLED} RETURN count(n)`);
  return rows.map(([name, types, count, texts]) => ({
    name: String(name),
    type: listOf(types).map(String).sort().join(' | '),
    nullable: count !== seen,
    description: words?.columns.get(String(name)) ?? null,
    samples: samplesOf(listOf(texts).map(String)),
  }));
}

/** Only where there are few, and none of them a whole text. */
function samplesOf(texts: readonly string[]): string[] {
  const isLow = texts.length <= MOST_SAMPLES && texts.every((text) => text.length <= LONGEST_SAMPLE);
  return isLow ? [...texts].sort() : [];
}

async function endsOf(ask: Ask, match: string) {
  const rows = await ask(`${match} WITH s, e LIMIT ${SAMPLED} RETURN DISTINCT labels(s)[0], labels(e)[0]`);
  const ends = (at: 0 | 1) => [...new Set(rows.flatMap((row) => (row[at] ? [String(row[at])] : [])))].sort();
  return [
    ...ends(0).map((table) => ({ columns: ['start'], table, to: ['id'] })),
    ...ends(1).map((table) => ({ columns: ['end'], table, to: ['id'] })),
  ];
}

function countsOf(value: StoreValue | undefined): [string, number][] {
  const counts = value instanceof Map ? [...value] : [];
  return counts
    .map(([name, count]): [string, number] => [name, Number(count)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '')}\``;
}

function listOf(value: StoreValue | undefined): StoreValue[] {
  return Array.isArray(value) ? value : [];
}
