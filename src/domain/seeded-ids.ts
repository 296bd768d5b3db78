import { uuidV5 } from './batch-id.ts';

/** Ids that look random and are the same, in order, each time they are drawn from one seed (a UUID). */
export function seededIds(seed: string): () => string {
  let drawn = 0;
  return () => uuidV5(seed, String(drawn++));
}
