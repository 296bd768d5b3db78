import { fileURLToPath } from 'node:url';

/** A file of npm vega-datasets. */
export function dataset(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve('vega-datasets')));
}
