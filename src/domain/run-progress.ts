/** How far the work on a run is, as of `updatedAt`. Kept in its row. */
export interface RunProgress {
  /** `staging`: rows come from the source. `loading`: they are read from staging for the lakehouse. */
  phase: 'staging' | 'loading';
  /** The stream whose rows came last; null: none did yet, or the phase is over. */
  currentStream: string | null;
  rows: number;
  /** null while loading: rows are counted there, not bytes. */
  bytes: number | null;
  /** Over the last seconds; once the phase is over its average. */
  rowsPerS: number;
  bytesPerS: number | null;
  /** ISO 8601. */
  updatedAt: string;
}

/** Counts by stream. */
type Counted = Readonly<Record<string, { rows: number; bytes?: number }>>;

export interface ProgressMeter {
  /** Takes new counts in. */
  measure(counted: Counted, atMs: number): RunProgress;
  /** The same counts at a later time: what stands still has no rate. */
  now(atMs: number): RunProgress;
  /** At the end of the phase: rates are its averages. */
  total(atMs: number): RunProgress;
}

interface Sample {
  atMs: number;
  rows: number;
  bytes: number;
}

/** Longer than the pause between two commits of a slow source, or its rate would jump between zero and twice the truth. */
const WINDOW_MS = 15_000;
const LEAST_MS = 1_000;

/** Measures how fast the rows of one phase move. Times are milliseconds of one clock. */
export function createProgressMeter(phase: RunProgress['phase'], startedAtMs: number): ProgressMeter {
  const start: Sample = { atMs: startedAtMs, rows: 0, bytes: 0 };
  let samples: Sample[] = [start];
  let last = start;
  let seen: Counted = {};
  let currentStream: string | null = null;

  /** Keeps one sample older than the window: the rate is measured from it. */
  const forget = (atMs: number) => {
    const inside = samples.findIndex((sample) => sample.atMs > atMs - WINDOW_MS);
    samples = samples.slice(inside === -1 ? -1 : Math.max(0, inside - 1));
  };
  const progress = (atMs: number, since: Sample): RunProgress => {
    const seconds = Math.max(LEAST_MS, atMs - since.atMs) / 1000;
    const perSecond = (count: 'rows' | 'bytes') => Math.round((last[count] - since[count]) / seconds);
    const counts = { phase, currentStream, rows: last.rows, rowsPerS: perSecond('rows') };
    const bytes =
      phase === 'staging'
        ? { bytes: last.bytes, bytesPerS: perSecond('bytes') }
        : { bytes: null, bytesPerS: null };
    return { ...counts, ...bytes, updatedAt: new Date(atMs).toISOString() };
  };
  const now = (atMs: number) => {
    forget(atMs);
    return progress(atMs, samples[0] ?? start);
  };
  return {
    measure(counted, atMs) {
      currentStream = fastest(seen, counted) ?? currentStream;
      seen = counted;
      last = { atMs, ...sumOf(counted) };
      samples.push(last);
      return now(atMs);
    },
    now,
    total: (atMs) => ({ ...progress(atMs, start), currentStream: null }),
  };
}

/** The stream that has grown most; null: none has. */
function fastest(before: Counted, after: Counted): string | null {
  let most = 0;
  let name: string | null = null;
  for (const [stream, { rows }] of Object.entries(after)) {
    const grown = rows - (before[stream]?.rows ?? 0);
    if (grown > most) [most, name] = [grown, stream];
  }
  return name;
}

function sumOf(counted: Counted): { rows: number; bytes: number } {
  let [rows, bytes] = [0, 0];
  for (const count of Object.values(counted)) {
    rows += count.rows;
    bytes += count.bytes ?? 0;
  }
  return { rows, bytes };
}
