import type { Deps } from '../../context.ts';
import { claimDeliveries } from '../../db/queries/notification-claims.ts';
import { deliver } from './deliver.ts';

export interface NotificationSender {
  /** Sends what is due, and what becomes due meanwhile. While one call does so, others only have it look again and return at once. */
  sendDue(signal: AbortSignal): Promise<void>;
  /** Begins nothing more; what is under way ends by itself within seconds. */
  stop(): void;
}

export interface SenderLimits {
  /** Under way at once: in this process, and in all processes for one endpoint or one tenant. */
  perProcess: number;
  perEndpoint: number;
  perTenant: number;
  /** More than any request may take. */
  leaseMs: number;
  /** After this a call takes nothing new: it would hold its place in the pool as long as there is work. */
  claimForMs: number;
}

const LIMITS: SenderLimits = {
  perProcess: 64,
  perEndpoint: 4,
  perTenant: 8,
  leaseMs: 60_000,
  claimForMs: 60_000,
};

/** Sends notifications from this process, many at once from one place in the pool (docs/adr/0016). */
export function createNotificationSender(
  deps: Deps,
  options: Partial<SenderLimits> = {},
): NotificationSender {
  const limits = { ...LIMITS, ...options };
  const underWay = new Set<Promise<void>>();
  let claiming: { again: boolean; wake(): void } | null = null;
  let stopped = false;

  async function claim(signal: AbortSignal): Promise<void> {
    const { perProcess, perEndpoint, perTenant, leaseMs } = limits;
    const limit = perProcess - underWay.size;
    if (limit <= 0) return;
    const claimed = await claimDeliveries(deps.database, { limit, perEndpoint, perTenant, leaseMs });
    for (const delivery of claimed) {
      const sent = deliver(deps, delivery, signal).finally(() => underWay.delete(sent));
      underWay.add(sent);
    }
  }

  async function claimWhileDue(signal: AbortSignal): Promise<void> {
    const until = performance.now() + limits.claimForMs;
    for (;;) {
      const woken = Promise.withResolvers<void>();
      const round = { again: false, wake: woken.resolve };
      claiming = round;
      await claim(signal);
      if (underWay.size > 0) await Promise.race([woken.promise, ...underWay]);
      else if (!round.again) return;
      if (stopped || signal.aborted || performance.now() > until) return;
    }
  }

  function lookAgain(round: { again: boolean; wake(): void }): void {
    round.again = true;
    round.wake();
  }

  return {
    async sendDue(signal) {
      if (stopped) return;
      if (claiming) return lookAgain(claiming);
      try {
        await claimWhileDue(signal);
      } finally {
        claiming = null;
        await Promise.all(underWay);
      }
    },
    stop() {
      stopped = true;
      if (claiming) lookAgain(claiming);
    },
  };
}
