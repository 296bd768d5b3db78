import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FieldMapping } from '../../../src/db/queries/field-mappings.ts';
import { removeConnector } from '../../../src/services/connectors/remove.ts';
import { approveAll } from '../../../src/services/mappings/approve.ts';
import { removeMapping } from '../../../src/services/mappings/remove.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import type { TestDeps } from '../../harness/context.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = workOff(await mappingDeps());
});
afterAll(() => deps.close());

const COLUMN = 'expected_revenue_usd';
const TRANSFORM = 'round(float(v), 2) if v else None';

let systems = 0;
let system: string;
beforeEach(() => {
  systems += 1;
  system = `crm${systems}`;
});

async function mapped(tenantId = 'acme', sourceSystem = system) {
  const connectorId = await addConnector(deps, tenantId, sourceSystem);
  const { mappings } = await proposed(ctxOf(deps, tenantId), { connectorId, ...OPPORTUNITY });
  const amount = mappings.find(({ sourceField }) => sourceField === 'Amount');
  if (!amount) throw new Error('Amount has no mapping');
  return { connectorId, amount };
}

/** A reviewer gives Amount another column than the matcher would. */
function decide(
  { connectorId, amount }: { connectorId: string; amount: FieldMapping },
  targetColumn = COLUMN,
) {
  const patch = { targetColumn, transformFn: TRANSFORM, reviewed: true };
  return updateMapping(ctxOf(deps), { connectorId, mappingId: amount.id, patch });
}

const DECIDED = { targetColumn: COLUMN, transformFn: TRANSFORM, confidenceScore: 1, reviewed: false };

test('what was decided is proposed at 1.0 for another connector of the same source system', async () => {
  const first = await mapped();
  expect(first.amount.targetColumn).not.toBe(COLUMN);
  await decide(first);
  expect((await mapped()).amount).toMatchObject(DECIDED);
});

test('it is nothing to another source system, and to another tenant', async () => {
  await decide(await mapped());
  expect((await mapped('acme', `${system}-other`)).amount.targetColumn).not.toBe(COLUMN);
  expect((await mapped('rival')).amount.targetColumn).not.toBe(COLUMN);
});

test('it outlives its connector', async () => {
  const first = await mapped();
  await decide(first);
  await removeConnector(ctxOf(deps), { connectorId: first.connectorId });
  expect((await mapped()).amount).toMatchObject(DECIDED);
  expect((await mapped('rival')).amount.targetColumn).not.toBe(COLUMN);
});

test('what nobody reviewed is not remembered', async () => {
  const first = await mapped();
  const { connectorId, amount } = first;
  await updateMapping(ctxOf(deps), { connectorId, mappingId: amount.id, patch: { targetColumn: COLUMN } });
  await removeConnector(ctxOf(deps), { connectorId });
  expect((await mapped()).amount.targetColumn).not.toBe(COLUMN);
});

test('the latest decision counts, whichever connectors are left', async () => {
  const first = await mapped();
  await decide(first);
  await removeConnector(ctxOf(deps), { connectorId: first.connectorId });
  const second = await mapped();
  await decide(second, 'deal_value_usd');
  expect((await mapped()).amount.targetColumn).toBe('deal_value_usd');
  await removeConnector(ctxOf(deps), { connectorId: second.connectorId });
  expect((await mapped()).amount.targetColumn).toBe('deal_value_usd');
});

test('deleting the mapping that was proposed for it forgets it', async () => {
  const first = await mapped();
  await decide(first);
  await removeConnector(ctxOf(deps), { connectorId: first.connectorId });
  const second = await mapped();
  await removeMapping(ctxOf(deps), { connectorId: second.connectorId, mappingId: second.amount.id });
  expect((await mapped()).amount.targetColumn).not.toBe(COLUMN);
});

test('approving many at once is deciding too', async () => {
  const { connectorId, amount } = await mapped();
  await updateMapping(ctxOf(deps), { connectorId, mappingId: amount.id, patch: { targetColumn: COLUMN } });
  await approveAll(ctxOf(deps), { connectorId, choice: { sourceStream: OPPORTUNITY.sourceStream } });
  expect((await mapped()).amount.targetColumn).toBe(COLUMN);
});
