import type { Deps } from '../../context.ts';
import { proposeInTurn } from '../../services/mappings/propose-in-turn.ts';
import { createNotificationSender } from '../../services/notifications/sender.ts';
import { type PoolWorker, startPool, type WorkerOptions } from '../pool.ts';

/** Proposes field mappings; sends notifications, all from one of its places (docs/adr/0016). */
export async function startMapping(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  const sender = createNotificationSender(deps);
  const worker = await startPool(deps, options, {
    'propose-mappings': ({ payload, signal }) => proposeInTurn(deps, payload, signal),
    'send-notifications': ({ signal }) => sender.sendDue(signal),
  });
  return {
    ...worker,
    close(graceMs) {
      sender.stop();
      return worker.close(graceMs);
    },
  };
}
