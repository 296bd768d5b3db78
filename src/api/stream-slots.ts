import { ConflictError } from '../errors.ts';

export interface StreamLimits {
  perProcess: number;
  perTenant: number;
}

export interface StreamSlots {
  /** Answers how to give the slot back. Throws ConflictError `run_log.too_many_streams`. */
  take(tenantId: string): () => void;
}

const LIMITS: StreamLimits = { perProcess: 200, perTenant: 20 };

/** Bounds the answers that stay open: each costs a connection and a look at the database every second. */
export function createStreamSlots({ perProcess, perTenant } = LIMITS): StreamSlots {
  const open = new Map<string, number>();
  let all = 0;
  return {
    take(tenantId) {
      const mine = open.get(tenantId) ?? 0;
      if (all >= perProcess || mine >= perTenant) throw tooMany();
      all += 1;
      open.set(tenantId, mine + 1);
      let isFree = false;
      return () => {
        if (isFree) return;
        isFree = true;
        all -= 1;
        const left = (open.get(tenantId) ?? 1) - 1;
        if (left > 0) open.set(tenantId, left);
        else open.delete(tenantId);
      };
    },
  };
}

function tooMany(): ConflictError {
  const message = 'Too many logs are being streamed; close one, or ask for the log without streaming.';
  return new ConflictError('run_log.too_many_streams', message, { retryAfterS: 10 });
}
