import { and, desc, eq, lt } from 'drizzle-orm';
import type { JsonText } from '../../domain/lossless-json.ts';
import type { DbOrTx } from '../client.ts';
import { stateHistory } from '../schema/index.ts';

export type StateVersion = typeof stateHistory.$inferSelect;

/** Versions of a connector's state, newest first, older than `before` when it is given. */
export function listStates(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
  { limit, before }: { limit: number; before: number | null },
): Promise<StateVersion[]> {
  return db
    .select()
    .from(stateHistory)
    .where(
      and(
        eq(stateHistory.tenantId, tenantId),
        eq(stateHistory.connectorId, connectorId),
        before === null ? undefined : lt(stateHistory.version, before),
      ),
    )
    .orderBy(desc(stateHistory.version))
    .limit(limit);
}

export async function findState(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
  version: number,
): Promise<{ state: JsonText | null } | null> {
  const [row] = await db
    .select({ state: stateHistory.state })
    .from(stateHistory)
    .where(
      and(
        eq(stateHistory.tenantId, tenantId),
        eq(stateHistory.connectorId, connectorId),
        eq(stateHistory.version, version),
      ),
    );
  return row ?? null;
}
