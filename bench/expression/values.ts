import { readFileSync } from 'node:fs';
import { dataset } from '../shared/dataset.ts';
import { BrokenBenchmark } from '../shared/outcome.ts';

/** A column of birdstrikes.csv, again and again until there are `count` texts; an empty cell is null. The file holds no quoted commas. */
export function textColumn(column: string, count: number): (string | null)[] {
  const [header = '', ...lines] = readFileSync(dataset('birdstrikes.csv'), 'utf8').trimEnd().split('\n');
  const place = header.split(',').indexOf(column);
  if (place < 0) throw new BrokenBenchmark(`birdstrikes.csv has no column ${column}`);
  const texts = lines.map((line) => line.split(',')[place] || null);
  return Array.from({ length: count }, (_, i) => texts[i % texts.length] ?? null);
}
