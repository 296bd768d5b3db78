import { type Ctx, contextFor, type Deps } from '../../../src/context.ts';
import { insertConnector } from '../../../src/db/queries/connectors.ts';
import type { FieldMapping } from '../../../src/db/queries/field-mappings.ts';
import { type ProposeInput, proposeMappings } from '../../../src/services/mappings/propose.ts';
import { runProposal } from '../../../src/services/mappings/run-proposal.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

/** The example of the documentation. */
export const OPPORTUNITY = {
  sourceStream: 'Opportunity',
  sourceSchema: {
    Id: 'string',
    Name: 'string',
    Amount: 'number',
    CloseDate: 'string',
    StageName: 'string',
    OwnerId: 'string',
    CreatedDate: 'string',
  },
  targetSchema: 'dm',
  targetTable: 'deals',
} as const;

export async function mappingDeps(overrides: Partial<Deps> = {}): Promise<TestDeps> {
  const expressions = createExpressionEngine();
  const deps = await createTestDeps({ expressions, ...overrides });
  return {
    ...deps,
    async close() {
      await deps.close();
      await expressions.close();
    },
  };
}

export function ctxOf(deps: Deps, tenantId = 'acme'): Ctx {
  return contextFor(deps, { tenantId, actor: 'user:test' });
}

export async function addConnector(
  deps: Deps,
  tenantId = 'acme',
  sourceSystem = 'salesforce',
  destinationTable?: string,
): Promise<string> {
  const id = deps.newId();
  await insertConnector(
    deps.database.db,
    {
      id,
      tenantId,
      sourceSystem,
      tapName: `tap-${sourceSystem}`,
      connectorType: 'custom',
      meltanoEnvironment: 'prod',
      destinationCatalog: 'lake',
      namespace: `ivory_tenant_${tenantId}`,
      destinationTable: destinationTable ?? `deals_${id.slice(0, 8)}`,
      stagingSchema: `etl_staging_${id.slice(0, 8)}`,
      syncSchedule: '0 2 * * *',
      webhookSecretSealed: 'x',
    },
    300_000,
  );
  return id;
}

/** What the mapping pool does: takes every job off the queue and works it out, as it arrives. */
export function workOff(deps: TestDeps): TestDeps {
  const { addMany } = deps.producer;
  deps.producer.addMany = async (jobs) => {
    await addMany(jobs);
    for (const { name, payload } of jobs) {
      if (name === 'propose-mappings') {
        void runProposal(deps, { mappingJobId: payload['mappingJobId'] ?? '' }).catch(() => {});
      }
    }
  };
  return deps;
}

/** Proposes and waits; fails the test when the answer is only pending. */
export async function proposed(
  ctx: Ctx,
  input: ProposeInput,
): Promise<{ mapped: number; reviewRequired: number; mappings: FieldMapping[] }> {
  const answer = await proposeMappings(ctx, { timeoutMs: 20_000, ...input });
  if (answer.status !== 'done') throw new Error('the proposal is still pending');
  return answer;
}

export function columnsOf(mappings: readonly FieldMapping[]): Record<string, string> {
  return Object.fromEntries(mappings.map((mapping) => [mapping.sourceField, mapping.targetColumn]));
}
