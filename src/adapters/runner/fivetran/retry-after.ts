const DEFAULT_MS = 60_000;
const MIN_MS = 1_000;
/** Fivetran may ask for an hour: then it is asked again after each quarter. */
const MAX_MS = 15 * 60_000;

/** How long a Retry-After header (seconds, or a date) asks to wait: at least a second, at most 15 minutes, a minute when it says nothing readable. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const asked = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(asked) ? DEFAULT_MS : Math.min(MAX_MS, Math.max(MIN_MS, asked));
}
