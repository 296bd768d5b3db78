import type { SharedRates } from '../../ports/rates.ts';

export interface RatesOptions {
  /** Of its keys in the shared store. */
  name: string;
  perMin: number;
  /** How many callers are remembered; beyond it who came first is forgotten. */
  maxKeys?: number;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

export interface Verdict {
  allowed: boolean;
  /** Requests left right now. */
  remaining: number;
  /** Seconds until the allowance is whole again. */
  wholeInS: number;
  /** Seconds until one more is allowed; at least 1 where it was refused. */
  retryAfterS: number;
}

/** Allowances of many callers: each is whole at first, is spent one by one, and fills steadily, a whole one a minute. */
export interface Rates {
  /** Counts one request of `key`, unless it is refused. Never waits. */
  take(key: string): Verdict;
  /** Whether the next one would be refused. Counts nothing. */
  isSpent(key: string): boolean;
  /** Tells the store what was spent since the last time and hears what others spent. Rejects where the store does. */
  settle(shared: SharedRates): Promise<void>;
  /** How many callers are remembered. */
  size(): number;
}

interface Allowance {
  /** When it is whole again, by the local clock. */
  wholeAt: number;
  /** Spent, and not yet told. */
  owed: number;
}

const WINDOW_MS = 60_000;
const MAX_KEYS = 20_000;

export function createRates({
  name,
  perMin,
  maxKeys = MAX_KEYS,
  now = () => performance.now(),
}: RatesOptions): Rates {
  const costMs = WINDOW_MS / perMin;
  const allowances = new Map<string, Allowance>();
  const toSettle = new Map<string, Allowance>();

  function take(key: string): Verdict {
    const at = now();
    const allowance = allowances.get(key) ?? remember(key, at);
    const debt = Math.max(0, allowance.wholeAt - at);
    // a hair of rounding must not cost a request
    const over = debt + costMs - WINDOW_MS;
    const allowed = over < 0.001;
    if (allowed) {
      allowance.wholeAt = at + debt + costMs;
      allowance.owed += costMs;
    }
    toSettle.set(key, allowance);
    const left = WINDOW_MS - (allowance.wholeAt - at);
    return {
      allowed,
      remaining: Math.max(0, Math.floor((left + 0.001) / costMs)),
      wholeInS: Math.ceil(Math.max(0, allowance.wholeAt - at) / 1000),
      retryAfterS: allowed ? 0 : Math.max(1, Math.ceil(over / 1000)),
    };
  }

  function isSpent(key: string): boolean {
    return (allowances.get(key)?.wholeAt ?? 0) - now() + costMs - WINDOW_MS >= 0.001;
  }

  function remember(key: string, at: number): Allowance {
    const first = allowances.size >= maxKeys ? allowances.keys().next() : null;
    if (first && !first.done) forget(first.value);
    const made = { wholeAt: at, owed: 0 };
    allowances.set(key, made);
    return made;
  }

  function forget(key: string): void {
    allowances.delete(key);
    toSettle.delete(key);
  }

  async function settle(shared: SharedRates): Promise<void> {
    const asked = [...toSettle].map(([key, allowance]) => ({ key, allowance, costMs: allowance.owed }));
    toSettle.clear();
    if (asked.length === 0) return;
    for (const { allowance, costMs: told } of asked) allowance.owed -= told;
    try {
      const spent = asked.map((one) => ({
        key: `${name}:${one.key}`,
        costMs: one.costMs,
        windowMs: WINDOW_MS,
      }));
      const wholeIn = await shared.spend(spent);
      const at = now();
      asked.forEach(({ allowance }, i) => {
        allowance.wholeAt = at + (wholeIn[i] ?? 0) + allowance.owed;
      });
    } catch (error) {
      for (const { key, allowance, costMs: told } of asked) {
        if (allowances.get(key) !== allowance) continue;
        allowance.owed = Math.min(allowance.owed + told, 2 * WINDOW_MS);
        toSettle.set(key, allowance);
      }
      throw error;
    }
  }

  return { take, isSpent, settle, size: () => allowances.size };
}
