const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Waits between attempts, as the Standard Webhooks specification suggests: ten attempts within three days and a quarter. */
const WAITS_MS = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;

export const MAX_TRIES = WAITS_MS.length + 1;
/** The longest wait a receiver may ask for. */
const MAX_ASKED_MS = 24 * HOUR_MS;
const JITTER = 0.2;

/**
 * How long to wait after the `tries`-th failed attempt (from 1); null: it was the last. `random` from 0 to 1 spreads those that failed
 * together. A receiver that asks for a longer wait gets it, up to a day.
 */
export function retryAfterMs(tries: number, random: number, askedMs: number | null): number | null {
  const waitMs = WAITS_MS[tries - 1];
  if (waitMs === undefined) return null;
  const spread = waitMs * (1 + JITTER * (2 * random - 1));
  return Math.round(Math.max(spread, Math.min(askedMs ?? 0, MAX_ASKED_MS)));
}

/** Milliseconds a `Retry-After` header asks for, as seconds or as a date; null: it says neither. */
export function askedWaitMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
