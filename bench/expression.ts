import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createExpressionEngine } from '../src/transform/expression/engine.ts';
import { createRowTransformer, type TransformColumn } from '../src/transform/row-transformer.ts';
import { textColumn } from './expression/values.ts';
import {
  alternate,
  type BenchOptions,
  BrokenBenchmark,
  median,
  type Outcome,
  rounded,
} from './shared/outcome.ts';

/** The documented patterns, each over the column of the real file it is meant for. */
const CASES = [
  { fn: 'float(v)/100 if v else 0.0', column: 'Cost Total $', targetType: { kind: 'double' } },
  { fn: 'v.strip().upper() if v else None', column: 'Wildlife Size', targetType: { kind: 'string' } },
  { fn: "'yes' if v != 'None' else 'no'", column: 'Effect Amount of damage', targetType: { kind: 'string' } },
] as const;
const VALUES = 500_000;
const BATCH = 10_000;
const AIM = 5;
const PYTHON = fileURLToPath(new URL('./expression/cpython-eval.py', import.meta.url));

/** One mapped column through the row transformer (text in, cast value out) against eval of CPython on the same values. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  if (!hasPython) say('NO PYTHON: python3 was not found, so the other side is SKIPPED.');
  const sides: Outcome['sides'] = {};
  const ratios: number[] = [];
  for (const { fn, column, targetType } of CASES) {
    const texts = textColumn(column, VALUES);
    const mapping = {
      sourceColumn: 'v',
      stagingType: 'text',
      targetColumn: 'c',
      targetType,
      transformFn: fn,
    };
    const measured = await alternate<'ivory' | 'python', ColumnRun | null>(rounds ?? 5, {
      ivory: () => transformAll(mapping, texts),
      python: async () => (hasPython ? evalAll(fn, texts) : null),
    });
    const ivory = median(secondsOf(measured.ivory));
    const figures = { ivory_values_per_s: Math.round(VALUES / ivory) };
    const python = secondsOf(measured.python);
    if (python.length === 0) {
      sides[fn] = figures;
      continue;
    }
    const errors = { ivory: measured.ivory[0]?.errors, cpython: measured.python[0]?.errors };
    if (errors.ivory !== errors.cpython)
      throw new BrokenBenchmark(`${fn}: not the same errors: ${JSON.stringify(errors)}`);
    const other = median(python);
    ratios.push(other / ivory);
    sides[fn] = {
      ...figures,
      cpython_values_per_s: Math.round(VALUES / other),
      ratio: rounded(other / ivory),
      ratio_of_cpu: rounded(median(cpuOf(measured.python)) / median(cpuOf(measured.ivory))),
      values_in_error: errors.cpython ?? 0,
    };
    say(`${fn}: ${rounded(other / ivory)}x`);
  }
  const ratio = ratios.length === 0 ? null : rounded(Math.min(...ratios));
  return {
    name: 'expression',
    aim: `${AIM}x of CPython's eval(fn, {}, {"v": v}), value by value as documented`,
    ratio,
    ok: ratio !== null && ratio >= AIM,
    sides,
    notes: [
      `${VALUES.toLocaleString('en')} texts of a column of birdstrikes.csv (repeated), in batches of ${BATCH.toLocaleString('en')} as the loader's`,
      'ivory: createRowTransformer, that is reading the staged text, the sandbox in its threads and the cast to the lake type; CPython: the loop alone, values already in memory',
      'seconds of processor count every thread: where others have the processors, several threads get more of them than one does',
      'the same number of values must be in error on both sides; the ratio below is the lowest of the three',
    ],
  };
}

interface ColumnRun {
  seconds: number;
  /** Of all threads, of the user and of the system. */
  cpuS: number;
  /** Values that raised. */
  errors: number;
}

function secondsOf(rounds: readonly (ColumnRun | null)[]): number[] {
  return rounds.flatMap((round) => (round === null ? [] : [round.seconds]));
}

function cpuOf(rounds: readonly (ColumnRun | null)[]): number[] {
  return rounds.flatMap((round) => (round === null ? [] : [round.cpuS]));
}

async function transformAll(column: TransformColumn, texts: readonly (string | null)[]): Promise<ColumnRun> {
  const engine = createExpressionEngine();
  try {
    const transformer = createRowTransformer({ columns: [column], engine });
    await transformer.transform([['warm']]);
    const startedAt = performance.now();
    const before = process.cpuUsage();
    let errors = 0;
    for (let start = 0; start < texts.length; start += BATCH) {
      const rows = texts.slice(start, start + BATCH).map((text) => [text]);
      errors += (await transformer.transform(rows)).rejected.length;
    }
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - startedAt) / 1_000, cpuS: (user + system) / 1_000_000, errors };
  } finally {
    await engine.close();
  }
}

async function evalAll(fn: string, texts: readonly (string | null)[]): Promise<ColumnRun> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-bench-'));
  try {
    const path = join(folder, 'values.json');
    writeFileSync(path, JSON.stringify(texts));
    const { stdout } = await promisify(execFile)('python3', [PYTHON, fn, path]);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
