import { and, count, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { connectors, notificationEndpoints } from '../schema/index.ts';

const { secretSealed: _new, oldSecretSealed: _old, ...PUBLIC } = getTableColumns(notificationEndpoints);

/** An endpoint without its secrets. */
export type Endpoint = Omit<typeof notificationEndpoints.$inferSelect, 'secretSealed' | 'oldSecretSealed'>;
export type NewEndpoint = typeof notificationEndpoints.$inferInsert;

/** Where an endpoint stands in the list: its time to the microsecond, which a Date would cut, then its id. */
export type EndpointPosition = [createdAt: string, id: string];

const CREATED_AT_TEXT = sql<string>`to_char(${notificationEndpoints.createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Null: there is one with this id. */
export async function insertEndpoint(tx: DbOrTx, endpoint: NewEndpoint): Promise<Endpoint | null> {
  const [made] = await tx
    .insert(notificationEndpoints)
    .values(endpoint)
    .onConflictDoNothing()
    .returning(PUBLIC);
  return made ?? null;
}

/** How many a tenant has. Whoever else asks waits for this transaction's end, so that together they stay within a limit. */
export async function countEndpoints(tx: DbOrTx, tenantId: string): Promise<number> {
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended(${`ivory.notification_endpoints ${tenantId}`}, 0))`,
  );
  const [row] = await tx
    .select({ endpoints: count() })
    .from(notificationEndpoints)
    .where(eq(notificationEndpoints.tenantId, tenantId));
  return row?.endpoints ?? 0;
}

export async function findEndpoint(db: DbOrTx, tenantId: string, id: string): Promise<Endpoint | null> {
  const [endpoint] = await db.select(PUBLIC).from(notificationEndpoints).where(mine(tenantId, id));
  return endpoint ?? null;
}

/** The same, locked until the transaction ends, with its sealed secret. */
export async function lockEndpoint(tx: DbOrTx, tenantId: string, id: string) {
  const [endpoint] = await tx
    .select()
    .from(notificationEndpoints)
    .where(mine(tenantId, id))
    .for('no key update');
  return endpoint ?? null;
}

/** Keeps an endpoint from being deleted until the transaction ends. Locked before its deliveries, as a deletion does. False: it is gone. */
export async function holdEndpoint(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const held = await tx
    .select({ id: notificationEndpoints.id })
    .from(notificationEndpoints)
    .where(mine(tenantId, id))
    .for('key share');
  return held.length > 0;
}

/** Newest first. */
export function listEndpoints(
  db: DbOrTx,
  { tenantId, limit, after }: { tenantId: string; limit: number; after: EndpointPosition | null },
): Promise<(Endpoint & { position: string })[]> {
  const e = notificationEndpoints;
  return db
    .select({ ...PUBLIC, position: CREATED_AT_TEXT })
    .from(e)
    .where(
      and(
        eq(e.tenantId, tenantId),
        after ? sql`(${e.createdAt}, ${e.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : undefined,
      ),
    )
    .orderBy(desc(e.createdAt), desc(e.id))
    .limit(limit);
}

export type EndpointChange = Partial<Omit<NewEndpoint, 'id' | 'tenantId' | 'createdAt' | 'updatedAt'>>;

export async function changeEndpoint(
  tx: DbOrTx,
  tenantId: string,
  id: string,
  change: EndpointChange,
): Promise<Endpoint | null> {
  const [endpoint] = await tx
    .update(notificationEndpoints)
    .set({ ...change, updatedAt: sql`now()` })
    .where(mine(tenantId, id))
    .returning(PUBLIC);
  return endpoint ?? null;
}

/** The former secret stays beside the new one for `oldMs`. */
export async function changeSecret(
  tx: DbOrTx,
  tenantId: string,
  id: string,
  { secretSealed, oldMs }: { secretSealed: string; oldMs: number },
): Promise<Endpoint | null> {
  const [endpoint] = await tx
    .update(notificationEndpoints)
    .set({
      secretSealed,
      oldSecretSealed: sql`${notificationEndpoints.secretSealed}`,
      oldSecretUntil: sql`now() + ${`${oldMs} milliseconds`}::interval`,
      updatedAt: sql`now()`,
    })
    .where(mine(tenantId, id))
    .returning(PUBLIC);
  return endpoint ?? null;
}

/** A column of other queries: whether anybody is to be told of what happens to the tenant. One look into an index. */
export function hasEndpoints(tenantId: string) {
  return sql<boolean>`exists (select from ${notificationEndpoints} e where e.tenant_id = ${tenantId} and e.active)`;
}

/** False: there was none. What waits for it goes with it. */
export async function deleteEndpoint(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const deleted = await tx
    .delete(notificationEndpoints)
    .where(mine(tenantId, id))
    .returning({ id: notificationEndpoints.id });
  return deleted.length > 0;
}

/** Those of the ids that are connectors of the tenant. */
export async function knownConnectors(
  db: DbOrTx,
  tenantId: string,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await db
    .select({ id: connectors.id })
    .from(connectors)
    .where(and(eq(connectors.tenantId, tenantId), inArray(connectors.id, [...ids])));
  return rows.map(({ id }) => id);
}

function mine(tenantId: string, id: string) {
  return and(eq(notificationEndpoints.id, id), eq(notificationEndpoints.tenantId, tenantId));
}
