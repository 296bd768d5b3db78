/** Counts failed log-ins by address. */
export interface LoginThrottle {
  /** Seconds this address must wait, whatever it brings; null: it may try. */
  waitS(address: string): number | null;
  failed(address: string): void;
  succeeded(address: string): void;
}

const FAILURES = 10;
const WINDOW_MS = 60_000;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
const MAX_ADDRESSES = 10_000;

interface Record {
  /** When the last ones failed, at most FAILURES of them. */
  failedAt: number[];
  lockedUntil: number;
  locks: number;
}

/** After ten failures in a minute an address is locked for a minute, after the next ten for two, then four, at most an hour. */
export function createLoginThrottle(clock = () => performance.now()): LoginThrottle {
  const records = new Map<string, Record>();
  return {
    waitS(address) {
      const leftMs = (records.get(address)?.lockedUntil ?? 0) - clock();
      return leftMs > 0 ? Math.ceil(leftMs / 1000) : null;
    },
    failed(address) {
      const now = clock();
      const known = records.get(address) ?? { failedAt: [], lockedUntil: 0, locks: 0 };
      const isForgiven = now - known.lockedUntil > LONGEST_LOCK_MS;
      const locks = isForgiven ? 0 : known.locks;
      const failedAt = [...known.failedAt.filter((at) => now - at < WINDOW_MS), now];
      const isLocked = failedAt.length >= FAILURES;
      // who came last is forgotten last
      records.delete(address);
      records.set(address, {
        failedAt: isLocked ? [] : failedAt,
        lockedUntil: isLocked
          ? now + Math.min(FIRST_LOCK_MS * 2 ** locks, LONGEST_LOCK_MS)
          : known.lockedUntil,
        locks: isLocked ? locks + 1 : locks,
      });
      const [oldest] = records.keys();
      if (records.size > MAX_ADDRESSES && oldest !== undefined) records.delete(oldest);
    },
    succeeded(address) {
      records.delete(address);
    },
  };
}
