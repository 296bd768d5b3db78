import type { Deps } from '../../context.ts';
import { proposeInTurn } from '../../services/mappings/propose-in-turn.ts';
import { type PoolWorker, startPool, type WorkerOptions } from '../pool.ts';

/** Proposes field mappings. */
export async function startMapping(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  return startPool(deps, options, {
    'propose-mappings': ({ payload, signal }) => proposeInTurn(deps, payload, signal),
  });
}
