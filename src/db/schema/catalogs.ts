import { sql } from 'drizzle-orm';
import { boolean, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

export const lakehouse = pgSchema('lakehouse');

/** Who owns a namespace. One tenant may reach it by several catalogs; two tenants never share one. */
export const namespaces = lakehouse.table('namespaces', {
  namespace: text('namespace').primaryKey(),
  tenantId: text('tenant_id').notNull(),
});

export const tenantCatalogs = lakehouse.table(
  'tenant_catalogs',
  {
    tenantId: text('tenant_id').notNull(),
    catalogName: text('catalog_name').notNull(),
    namespace: text('namespace')
      .notNull()
      .references(() => namespaces.namespace),
    active: boolean('active').notNull().default(true),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.catalogName] })],
);
