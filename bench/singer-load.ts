import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Installation, startInstallation } from './shared/installation.ts';
import { type MeasuredRun, runMeasured } from './shared/measured-process.ts';
import {
  alternate,
  type BenchOptions,
  BrokenBenchmark,
  median,
  type Outcome,
  rounded,
  type Side,
} from './shared/outcome.ts';
import { writeSingerFile } from './singer-load/singer-file.ts';
import { installTargetPostgres, OTHER_NAME } from './singer-load/target-postgres.ts';

const SIZES = [
  { rows: 200_000, source: 'flights-200k.json', rounds: 3 },
  { rows: 1_000_000, source: 'flights-3m.parquet', rounds: 1 },
] as const;
/** What `npx ivory` runs. */
const IVORY = fileURLToPath(new URL('../bin/ivory.js', import.meta.url));
const AIM = 25;
const AIM_MB = 200;

interface Loader {
  file: string;
  args: readonly string[];
  settings: Record<string, unknown>;
}

/** One Singer file into an empty table of the same Postgres, by each loader in turn. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const other = await installTargetPostgres(say);
  const loaders: Record<string, Loader> = {
    'ivory target': { file: process.execPath, args: [IVORY, 'target'], settings: {} },
    ...(other && {
      [`${OTHER_NAME}, INSERT`]: { file: other, args: [], settings: {} },
      [`${OTHER_NAME}, use_copy`]: { file: other, args: [], settings: { use_copy: true } },
    }),
  };
  const installation = await startInstallation({ withRedis: false });
  try {
    const sides: Record<string, Side> = Object.fromEntries(Object.keys(loaders).map((name) => [name, {}]));
    const ratios: number[] = [];
    const peaks: number[] = [];
    for (const { rows, source, rounds: usual } of SIZES) {
      const singerFile = join(installation.folder, `${rows}.jsonl`);
      await writeSingerFile(singerFile, source, rows);
      const runs = await alternate(
        rounds ?? usual,
        mapValues(loaders, (loader, name) => async () => {
          const measured = await loadOnce(installation, loader, singerFile, rows);
          say(`${rows} rows, ${name}: ${measured.seconds.toFixed(1)} s, peak ${measured.peakRssMb} MB`);
          return measured;
        }),
      );
      const seconds = mapValues(runs, (measured) => median(measured.map((run) => run.seconds)));
      const own = seconds['ivory target'] ?? 0;
      for (const [name, measured] of Object.entries(runs)) {
        const peak = Math.max(...measured.map((run) => run.peakRssMb ?? 0));
        if (name === 'ivory target') peaks.push(peak);
        else ratios.push((seconds[name] ?? 0) / own);
        Object.assign(sides[name] ?? {}, figuresOf(rows, measured, seconds[name] ?? 0, peak, own));
      }
    }
    return outcome(sides, ratios, peaks);
  } finally {
    await installation.close();
  }
}

async function loadOnce(
  { databaseUrl, database, folder }: Installation,
  { file, args, settings }: Loader,
  singerFile: string,
  rows: number,
): Promise<MeasuredRun> {
  const schema = 'bench';
  await database.sql`drop schema if exists bench cascade`;
  const configPath = join(folder, 'target.json');
  const sqlalchemy_url = databaseUrl.replace('postgres://', 'postgresql+psycopg://');
  writeFileSync(configPath, JSON.stringify({ sqlalchemy_url, default_target_schema: schema, ...settings }));
  await database.sql`create schema bench`;
  await database.sql`checkpoint`;
  const measured = await runMeasured({ file, args: [...args, '--config', configPath], stdin: singerFile });
  const [found] = await database.sql`select count(*)::int as rows from bench.flights`;
  if (found?.['rows'] !== rows)
    throw new BrokenBenchmark(`${file} loaded ${found?.['rows']} of ${rows} rows`);
  return measured;
}

function figuresOf(rows: number, measured: MeasuredRun[], seconds: number, peak: number, own: number): Side {
  const label = rows >= 1_000_000 ? `${rows / 1_000_000}m` : `${rows / 1_000}k`;
  return {
    [`${label}_seconds`]: rounded(seconds),
    [`${label}_rows_per_s`]: Math.round(rows / seconds),
    [`${label}_peak_rss_mb`]: peak,
    [`${label}_times_ivory`]: rounded(seconds / own, 1),
    [`${label}_rounds_s`]: measured.map((run) => rounded(run.seconds)),
  };
}

function outcome(sides: Record<string, Side>, ratios: number[], peaks: number[]): Outcome {
  const ratio = ratios.length === 0 ? null : rounded(Math.min(...ratios), 1);
  return {
    name: 'singer-load',
    aim: `${AIM}x of target-postgres, INSERT and use_copy; peak memory at most ${AIM_MB} MB`,
    ratio,
    ok: ratio !== null && ratio >= AIM && Math.max(...peaks) <= AIM_MB,
    sides,
    notes: [
      'the same file, made by `ivory tap-files` from vega-datasets (two key columns, three or five values), read from disk into an empty table; the count of rows is checked after each run',
      'whole processes from start to exit, Postgres with its durable settings, a checkpoint before each run',
      'the ratio below is the lowest of all comparisons',
    ],
  };
}

function mapValues<Value, Made>(record: Record<string, Value>, make: (value: Value, name: string) => Made) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value, name)]));
}
