import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Benchmark, BrokenBenchmark } from './shared/outcome.ts';
import { textOf } from './shared/report.ts';

const BENCHMARKS: Record<string, { summary: string; load(): Promise<{ run: Benchmark }> }> = {
  dispatch: {
    summary: '100,000 due connectors and 3 schedulers, against addBulk of as many empty jobs',
    load: () => import('./dispatch.ts'),
  },
  api: {
    summary: 'list and trigger with 50 clients, against bare Hono routes on the same queries',
    load: () => import('./api.ts'),
  },
  'singer-load': {
    summary: '`ivory target` on 200k and 1M rows, against MeltanoLabs target-postgres',
    load: () => import('./singer-load.ts'),
  },
  'lake-load': {
    summary: '200,000 rows into Iceberg on Spark, against INSERT .. VALUES in batches of 500',
    load: () => import('./lake-load.ts'),
  },
  pipeline: {
    summary: 'a whole embedded run on 3M rows, against its tap alone',
    load: () => import('./pipeline.ts'),
  },
  expression: {
    summary: "mapped columns through the sandbox, against CPython's eval value by value",
    load: () => import('./expression.ts'),
  },
  scale: {
    summary: '2,000 small real runs among 100,000 connectors, by a fleet of processes: time, lag, load, cost',
    load: () => import('./scale.ts'),
  },
  'foundry-guard': {
    summary: 'the guards of Foundry on queries of 2 KB, against their parsers alone',
    load: () => import('./foundry-guard.ts'),
  },
};

/** Flags of `scale`, how much of each. */
const SIZES = [
  'connectors',
  'tenants',
  'runs',
  'history',
  'schedulers',
  'runners',
  'transforms',
  'apis',
] as const;

// What a benchmark started ends with this process, by its listeners of `exit`: a signal must not pass them by.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** `npm run bench -- <name> [--json] [--rounds N]`. Exit 0 when the figures are good to read, whether the aim is met or not. */
process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      ...Object.fromEntries(SIZES.map((name) => [name, { type: 'string' as const }])),
    },
  });
  const [name = ''] = positionals;
  const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
  if (!benchmark) return listNames(name);
  try {
    const { run } = await benchmark.load();
    const rounds = values.rounds === undefined ? null : Number.parseInt(values.rounds, 10);
    const [load = 0] = loadavg();
    const outcome = await run({
      rounds,
      sizes: sizesOf(values),
      say: (line) => process.stderr.write(`${line}\n`),
    });
    outcome.notes.push(
      `load average of the machine before the start: ${load.toFixed(1)}; above 0.5 others share the cores`,
    );
    process.stdout.write(`${values.json ? JSON.stringify(outcome) : textOf(outcome)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`\nBROKEN: the benchmark ${name} could not be measured.\n`);
    process.stderr.write(`${error instanceof BrokenBenchmark ? error.message : describe(error)}\n`);
    return 1;
  }
}

function sizesOf(values: Record<string, string | boolean | undefined>): Record<string, number> {
  const given = SIZES.flatMap((name): [string, number][] => {
    const text = values[name];
    if (typeof text !== 'string') return [];
    if (!/^\d+$/.test(text)) throw new BrokenBenchmark(`--${name} is a number, not ${text}`);
    return [[name, Number(text)]];
  });
  return Object.fromEntries(given);
}

function listNames(asked: string): number {
  const lines = Object.entries(BENCHMARKS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  const unknown = asked === '' ? '' : `There is no benchmark ${asked}.\n`;
  process.stdout.write(`${unknown}npm run bench -- <name> [--json] [--rounds N]\n\n${lines.join('\n')}\n`);
  return asked === '' ? 0 : 2;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
