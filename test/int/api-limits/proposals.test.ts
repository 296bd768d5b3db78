import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contextFor } from '../../../src/context.ts';
import { proposeMappings } from '../../../src/services/mappings/propose.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

async function propose(tenantId: string) {
  const { id: connectorId } = await insertConnector(deps, { id: randomUUID(), tenantId });
  return proposeMappings(contextFor(deps, { tenantId, actor: 'test' }), {
    connectorId,
    sourceStream: 's',
    sourceSchema: { id: 'string' },
    targetSchema: 'custom',
    targetTable: 't',
    targetSchemaDef: { id: 'string' },
    timeoutMs: 1,
  });
}

test('a tenant has so many proposals under way, and another one does not wait for them', async () => {
  for (let n = 0; n < 100; n++) expect((await propose('acme')).status).toBe('pending');
  await expect(propose('acme')).rejects.toMatchObject({ code: 'mapping.too_many', retryAfterS: 5 });
  expect((await propose('rival')).status).toBe('pending');
  const queued = await deps.database
    .sql`select count(*)::int as n from etl.mapping_jobs where tenant_id = 'acme'`;
  expect(queued[0]?.['n']).toBe(100);
});
