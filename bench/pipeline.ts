import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedRun, FLIGHTS, runEmbedded } from './pipeline/embedded-run.ts';
import { CLI } from './shared/ivory-process.ts';
import { type MeasuredRun, runMeasured } from './shared/measured-process.ts';
import { alternate, type BenchOptions, median, type Outcome, rounded } from './shared/outcome.ts';
import { tapConfig } from './singer-load/singer-file.ts';

const AIM = 2;

/** The whole way of 3,000,000 rows, tap to lakehouse, against the tap alone writing to /dev/null. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const { tap, ivory } = await alternate<'tap' | 'ivory', MeasuredRun | EmbeddedRun>(rounds ?? 2, {
    tap: async (round) => {
      const measured = await tapAlone();
      say(`round ${round}: tap alone ${measured.seconds.toFixed(1)} s`);
      return measured;
    },
    ivory: async (round) => {
      const measured = await runEmbedded(FLIGHTS);
      const { seconds, stagingS, loadS } = measured;
      say(
        `round ${round}: run ${seconds.toFixed(1)} s, staging ${stagingS.toFixed(1)}, load ${loadS.toFixed(1)}`,
      );
      return measured;
    },
  });
  return outcome(tap as MeasuredRun[], ivory as EmbeddedRun[]);
}

async function tapAlone(): Promise<MeasuredRun> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-bench-'));
  try {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify(tapConfig('flights-3m.parquet')));
    return await runMeasured({ file: process.execPath, args: [CLI, 'tap-files', '--config', config] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function outcome(tap: MeasuredRun[], ivory: EmbeddedRun[]): Outcome {
  const [alone, whole] = [median(secondsOf(tap)), median(secondsOf(ivory))];
  const ratio = rounded(whole / alone);
  const stage = (of: (run: EmbeddedRun) => number) => rounded(median(ivory.map(of)), 1);
  const labels = Object.keys(ivory[0]?.peakMb ?? {});
  const peaks = labels.map((label) => [
    `peak_rss_mb_${label}`,
    Math.max(...ivory.map((run) => run.peakMb[label] ?? 0)),
  ]);
  return {
    name: 'pipeline',
    aim: `a whole run takes at most ${AIM}x of the tap alone; memory flat`,
    ratio,
    ok: ratio <= AIM,
    sides: {
      'ivory, whole run': {
        seconds: rounded(whole, 1),
        rows_per_s: Math.round(FLIGHTS.rows / whole),
        waiting_s: stage((run) => run.waitS),
        tap_and_staging_s: stage((run) => run.stagingS),
        staging_to_lakehouse_s: stage((run) => run.loadS),
        ...Object.fromEntries(peaks),
        cpu_s: rounded(median(ivory.map(({ cpuS }) => sum(Object.values(cpuS)))), 1),
        ...Object.fromEntries(
          labels.map((label) => [`cpu_s_${label}`, stage(({ cpuS }) => cpuS[label] ?? 0)]),
        ),
        rounds_s: secondsOf(ivory).map((seconds) => rounded(seconds, 1)),
      },
      'tap alone to /dev/null': {
        seconds: rounded(alone, 1),
        cpu_s: rounded(median(tap.map(({ cpuS }) => cpuS ?? 0)), 1),
        peak_rss_mb: Math.max(...tap.map((run) => run.peakRssMb ?? 0)),
        rounds_s: secondsOf(tap).map((seconds) => rounded(seconds, 1)),
      },
    },
    notes: [
      '`ivory dev` on a fresh folder: Postgres is truth, queue and lakehouse on the same two cores; from the trigger to the run in the history',
      'every column mapped, two of five through an expression; the run must report 3,000,000 rows loaded',
      'the memory of a Postgres process counts the pages of the shared buffers it touched',
    ],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function secondsOf(runs: readonly { seconds: number }[]): number[] {
  return runs.map(({ seconds }) => seconds);
}
