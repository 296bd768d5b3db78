import { text, uniqueIndex } from 'drizzle-orm/pg-core';
import { foundry } from './foundry.ts';

/** The login that reads a tenant's read models: read_models.current_tenant() finds the tenant by it. */
export const modelReaders = foundry.table(
  'model_readers',
  {
    role: text('role').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    password: text('password').notNull(),
  },
  (t) => [uniqueIndex('model_readers_tenant').on(t.tenantId)],
);
