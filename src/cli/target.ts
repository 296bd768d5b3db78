import { setFlagsFromString } from 'node:v8';

/** `ivory target`. First of all the young heap is kept small, which lowers the peak of a long load. */
export async function main(argv: string[]): Promise<number> {
  setFlagsFromString('--semi-space-growth-factor=1');
  const { loadStdin } = await import('./target/load-stdin.ts');
  return loadStdin(argv);
}
