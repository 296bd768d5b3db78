import { and, asc, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { namespaces, tenantCatalogs } from '../schema/index.ts';

export type Catalog = typeof tenantCatalogs.$inferSelect;

/** Holds the catalog as it is until the transaction ends. */
export async function findCatalogForShare(
  tx: DbOrTx,
  tenantId: string,
  catalogName: string,
): Promise<Catalog | null> {
  const [catalog] = await tx.select().from(tenantCatalogs).where(named(tenantId, catalogName)).for('share');
  return catalog ?? null;
}

export async function listCatalogs(db: DbOrTx, tenantId: string): Promise<Catalog[]> {
  return db
    .select()
    .from(tenantCatalogs)
    .where(eq(tenantCatalogs.tenantId, tenantId))
    .orderBy(asc(tenantCatalogs.catalogName));
}

/** Makes the namespace the tenant's unless it is somebody's already. Answers whose it is. */
export async function claimNamespace(db: DbOrTx, tenantId: string, namespace: string): Promise<string> {
  await db.insert(namespaces).values({ namespace, tenantId }).onConflictDoNothing();
  const [owner] = await db
    .select({ tenantId: namespaces.tenantId })
    .from(namespaces)
    .where(eq(namespaces.namespace, namespace));
  return owner?.tenantId ?? tenantId;
}

/** Adds or re-activates a catalog. Null: the name stands for another namespace. */
export async function upsertCatalog(
  db: DbOrTx,
  { tenantId, catalogName, namespace }: Pick<Catalog, 'tenantId' | 'catalogName' | 'namespace'>,
): Promise<Catalog | null> {
  const [catalog] = await db
    .insert(tenantCatalogs)
    .values({ tenantId, catalogName, namespace })
    .onConflictDoUpdate({
      target: [tenantCatalogs.tenantId, tenantCatalogs.catalogName],
      set: { active: true },
      setWhere: eq(tenantCatalogs.namespace, namespace),
    })
    .returning();
  return catalog ?? null;
}

/** False: the tenant has no such catalog. */
export async function deactivateCatalog(db: DbOrTx, tenantId: string, catalogName: string): Promise<boolean> {
  const changed = await db
    .update(tenantCatalogs)
    .set({ active: false })
    .where(named(tenantId, catalogName))
    .returning({ name: tenantCatalogs.catalogName });
  return changed.length > 0;
}

function named(tenantId: string, catalogName: string) {
  return and(eq(tenantCatalogs.tenantId, tenantId), eq(tenantCatalogs.catalogName, catalogName));
}
