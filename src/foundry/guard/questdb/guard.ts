import type { Guard } from '../../../domain/foundry/guard.ts';
import { assertParsable } from '../limits.ts';
import { judged, refuse } from '../verdict.ts';

export const guardQuestdb: Guard = ({ query }) =>
  judged(() => {
    assertParsable(query);
    return refuse('guard.construct_refused', 'Not judged yet.');
  });
