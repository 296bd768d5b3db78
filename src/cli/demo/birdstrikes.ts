import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The FAA's wildlife strike records (npm vega-datasets): 10,000 rows under headers nobody would choose for a table. */
export interface Birdstrikes {
  header: string;
  lines: string[];
}

/** What the source itself says, counted without any of Ivory's code. */
export interface SourceTruth {
  rows: number;
  totalCost: number;
  /** Rows by wildlife size, trimmed and upper-cased. */
  bySize: Record<string, number>;
}

export const TOTAL_COST = 'Cost Total $';
export const SIZE = 'Wildlife Size';

export async function readBirdstrikes(): Promise<Birdstrikes> {
  const path = fileURLToPath(new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets')));
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
  return { header, lines };
}

/** The file holds no quotes and no commas within values, so splitting at commas is an independent reading of it. */
export function truthOf({ header, lines }: Birdstrikes): SourceTruth {
  const names = header.split(',');
  const [cost, size] = [names.indexOf(TOTAL_COST), names.indexOf(SIZE)];
  const cells = lines.map((line) => line.split(','));
  const sizes = cells.map((row) => (row[size] ?? '').trim().toUpperCase());
  return {
    rows: lines.length,
    totalCost: cells.reduce((sum, row) => sum + Number(row[cost]), 0),
    bySize: Object.fromEntries(
      [...new Set(sizes)].sort().map((name) => [name, sizes.filter((s) => s === name).length]),
    ),
  };
}

/** Puts a file into the folder a tap watches, whole or not at all. */
export async function dropFile(
  folder: string,
  name: string,
  { header }: Birdstrikes,
  lines: string[],
): Promise<void> {
  const path = join(folder, name);
  await writeFile(`${path}.part`, `${[header, ...lines].join('\n')}\n`);
  await rename(`${path}.part`, path);
}
