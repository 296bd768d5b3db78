import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FieldMapping } from '../../../src/db/queries/field-mappings.ts';
import { auditEvents } from '../../../src/db/schema/index.ts';
import { listMappings } from '../../../src/services/mappings/list.ts';
import { type MappingPatch, updateMapping } from '../../../src/services/mappings/update.ts';
import type { TestDeps } from '../../harness/context.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

let deps: TestDeps;
let connectorId: string;
let mappings: Record<string, FieldMapping>;
beforeAll(async () => {
  deps = workOff(await mappingDeps());
});
afterAll(() => deps.close());
beforeEach(async () => {
  connectorId = await addConnector(deps);
  const answer = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
  mappings = Object.fromEntries(answer.mappings.map((m) => [m.sourceField, m]));
});

function change(field: string, patch: MappingPatch) {
  return updateMapping(ctxOf(deps), { connectorId, mappingId: mappings[field]?.id ?? '', patch });
}

describe('updating a mapping', () => {
  it('approves it and leaves the rest as it was, on record', async () => {
    const updated = await change('Amount', { reviewed: true });
    expect(updated).toEqual({ ...mappings['Amount'], reviewed: true, updatedAt: expect.any(Date) });
    const events = await deps.database.db.select().from(auditEvents);
    expect(events.at(-1)).toMatchObject({
      action: 'mapping.update',
      subject: updated.id,
      actor: 'user:test',
      detail: { from: { reviewed: false }, to: { reviewed: true } },
    });
  });

  it('takes the documented correction of column and transform', async () => {
    const transformFn = 'round(float(v) / 100, 2) if v else 0.0';
    const updated = await change('Amount', { targetColumn: 'expected_revenue_usd', transformFn });
    expect(updated).toMatchObject({ targetColumn: 'expected_revenue_usd', transformFn, reviewed: false });
  });

  it('says that a reviewer set what a reviewer set, and keeps the reason of what nobody did', async () => {
    const { reason } = mappings['Amount'] ?? {};
    expect((await change('Amount', { reviewed: true })).reason).toBe(reason);
    const same = { targetColumn: mappings['Amount']?.targetColumn ?? '' };
    expect((await change('Amount', same)).reason).toBe(reason);
    expect((await change('Amount', { transformFn: 'float(v)' })).reason).toBe(
      'Set by a reviewer: the transform.',
    );
    expect((await change('Id', { targetColumn: 'description' })).reason).toBe(
      'Set by a reviewer: the column.',
    );
  });

  it.each([null, '', '  '])('clears the transform with %j', async (transformFn) => {
    expect((await change('CloseDate', { transformFn })).transformFn).toBeNull();
  });

  it('gives the key and the type of the new column', async () => {
    const updated = await change('Amount', { targetColumn: 'fiscal_year' });
    expect(updated).toMatchObject({ targetType: 'int', isKey: false });
  });

  it('refuses an expression the sandbox refuses, with the reason', async () => {
    await expect(change('Amount', { transformFn: 'v.__class__' })).rejects.toMatchObject({
      code: 'mapping.transform_refused',
      errors: [{ field: 'transform_fn', message: expect.stringMatching(/\w/) }],
    });
  });

  it.each(['[x for x in range(10**9)]', "'a'*10**10", '9**9**9', 'v if 9**9**9 else v'])(
    'refuses %s, which no value gets through',
    async (transformFn) => {
      await expect(change('Amount', { transformFn })).rejects.toMatchObject({
        code: 'mapping.transform_refused',
        message: expect.stringMatching(/cannot run for any value \((Timeout|Memory|Overflow)Error/),
      });
    },
  );

  it.each(['v / 0', 'v.strip()', 'int(v)', "'a' * 10**10 if v else None"])(
    'takes %s, which some values get through or fail for a reason of their own',
    async (transformFn) => {
      expect((await change('Amount', { transformFn })).transformFn).toBe(transformFn);
    },
  );

  it('refuses a column the table does not have and names near ones', async () => {
    await expect(change('Amount', { targetColumn: 'deal_valu_usd' })).rejects.toMatchObject({
      code: 'mapping.column_unknown',
      message: expect.stringContaining('deal_value_usd'),
    });
  });

  it('refuses a column another field of the stream holds', async () => {
    await expect(change('Amount', { targetColumn: 'stage' })).rejects.toMatchObject({
      code: 'mapping.column_taken',
      message: expect.stringContaining('StageName'),
    });
  });

  it('checks columns against the definition the request brought', async () => {
    const custom = await proposed(ctxOf(deps), {
      connectorId,
      sourceStream: 'things',
      sourceSchema: { colour: 'string' },
      targetSchema: 'custom',
      targetTable: 'things',
      targetSchemaDef: { colour: 'string', shade: 'string' },
    });
    const mappingId = custom.mappings[0]?.id ?? '';
    const ctx = ctxOf(deps);
    await expect(
      updateMapping(ctx, { connectorId, mappingId, patch: { targetColumn: 'hue' } }),
    ).rejects.toMatchObject({ code: 'mapping.column_unknown' });
    const moved = await updateMapping(ctx, { connectorId, mappingId, patch: { targetColumn: 'shade' } });
    expect(moved.targetColumn).toBe('shade');
  });

  it('knows no mapping of another connector or tenant', async () => {
    const other = await addConnector(deps);
    const mappingId = mappings['Id']?.id ?? '';
    const patch = { reviewed: true };
    await expect(updateMapping(ctxOf(deps), { connectorId: other, mappingId, patch })).rejects.toMatchObject({
      code: 'mapping.not_found',
    });
    await expect(
      updateMapping(ctxOf(deps, 'globex'), { connectorId, mappingId, patch }),
    ).rejects.toMatchObject({
      code: 'connector.not_found',
    });
    await expect(updateMapping(ctxOf(deps), { connectorId, mappingId: 'x', patch })).rejects.toMatchObject({
      code: 'mapping.not_found',
    });
  });

  it('lists by stream, then field, in byte order', async () => {
    await proposed(ctxOf(deps), {
      connectorId,
      ...OPPORTUNITY,
      sourceStream: 'Account',
      sourceSchema: { name: 'string', Id: 'string' },
    });
    const listed = await listMappings(ctxOf(deps), { connectorId, limit: null, after: null });
    expect(listed.items.map((m) => `${m.sourceStream}.${m.sourceField}`)).toEqual([
      'Account.Id',
      'Account.name',
      ...['Amount', 'CloseDate', 'CreatedDate', 'Id', 'Name', 'OwnerId', 'StageName'].map(
        (f) => `Opportunity.${f}`,
      ),
    ]);
  });
});
