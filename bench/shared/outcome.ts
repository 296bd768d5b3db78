/** One side of a comparison: figures by name, the unit last in the name ("seconds_s", "rows_per_s", "peak_rss_mb"). */
export type Side = Record<string, number | string | readonly number[]>;

export interface Outcome {
  name: string;
  /** What is asked for, in words. */
  aim: string;
  /** Ivory against the other side, the way the aim counts it. null: the other side could not run. */
  ratio: number | null;
  /** The aim is met. */
  ok: boolean;
  sides: Record<string, Side>;
  /** What a reader must know to judge the figures. */
  notes: string[];
}

export interface BenchOptions {
  /** How often each side runs, alternated. */
  rounds: number | null;
  /** Says what is under way; never on stdout. */
  say(line: string): void;
  /** Numbers of this benchmark's own flags, by name; absent: as usual. */
  sizes?: Readonly<Partial<Record<string, number>>>;
}

export type Benchmark = (options: BenchOptions) => Promise<Outcome>;

/** Something is broken: no figure would mean anything. */
export class BrokenBenchmark extends Error {}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new BrokenBenchmark('nothing was measured');
  return (low + high) / 2;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Runs every side once a round: A B A B ... so that what else the machine does meets both alike. */
export async function alternate<Name extends string, Figure>(
  rounds: number,
  sides: Record<Name, (round: number) => Promise<Figure>>,
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(sides) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figure[]>;
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) figures[name].push(await sides[name](round));
  }
  return figures;
}
