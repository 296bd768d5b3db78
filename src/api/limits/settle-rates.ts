import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import type { SharedRates } from '../../ports/rates.ts';
import type { Rates } from './rates.ts';

export interface SettlingOptions {
  everyMs?: number;
  log: Log;
}

const EVERY_MS = 300;

/**
 * Settles rates with the other processes in the background until it is closed. While the store is away each process goes on counting by
 * itself; what it counted is told when the store is back.
 */
export function settleRates(
  all: readonly Rates[],
  shared: SharedRates,
  { everyMs = EVERY_MS, log }: SettlingOptions,
) {
  const closing = new AbortController();
  let isAway = false;
  const settled = (async () => {
    while (!closing.signal.aborted) {
      await wait(everyMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
      await settle();
    }
  })();

  async function settle(): Promise<void> {
    try {
      for (const rates of all) await rates.settle(shared);
      if (isAway)
        log.info({ event: 'rates.shared' }, 'the rates of all processes are counted together again');
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn({ event: 'rates.alone', err: error }, 'rates are counted by this process alone');
      isAway = true;
    }
  }

  return {
    async close(): Promise<void> {
      closing.abort();
      await settled;
    },
  };
}
