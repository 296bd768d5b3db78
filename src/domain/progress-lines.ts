import type { RunProgress } from './run-progress.ts';

/** "staged 120,000 rows (14.2 MB) so far, 11,800 rows/s, now reading flights" */
export function soFarLine(progress: RunProgress): string {
  const { phase, currentStream, rowsPerS } = progress;
  const doing = phase === 'staging' ? 'reading' : 'loading';
  const stream = currentStream === null ? '' : `, now ${doing} ${currentStream}`;
  return `${movedText(progress)} so far, ${grouped(rowsPerS)} rows/s${stream}`;
}

/** "staged 200,000 rows (23.7 MB) in 17 s, 11,765 rows/s"; the rate is that of the whole phase. */
export function totalLine(total: RunProgress, startedAtMs: number): string {
  const seconds = Math.round((Date.parse(total.updatedAt) - startedAtMs) / 1000);
  return `${movedText(total)} in ${grouped(seconds)} s, ${grouped(total.rowsPerS)} rows/s`;
}

function movedText({ phase, rows, bytes }: RunProgress): string {
  if (phase === 'loading') return `${grouped(rows)} rows taken from staging`;
  return `staged ${grouped(rows)} rows (${sizeText(bytes ?? 0)})`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Powers of 1000, one decimal: "14.2 MB". */
function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`;
}
