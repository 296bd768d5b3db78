import type { Deps } from '../../context.ts';
import { readCanonicalSchemas } from '../../services/mappings/canonical-schemas.ts';
import { runProposal } from '../../services/mappings/run-proposal.ts';
import { type PoolWorker, startPool, type WorkerOptions } from '../pool.ts';

/** Proposes field mappings. */
export async function startMapping(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  // A broken schema file is refused now, not when somebody asks for it.
  readCanonicalSchemas();
  return startPool(deps, options, {
    'propose-mappings': ({ payload, signal }) => runProposal(deps, payload, signal),
  });
}
