import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteConnector } from '../../../src/db/queries/connectors.ts';
import { listMappings } from '../../../src/services/mappings/list.ts';
import { proposeMappings } from '../../../src/services/mappings/propose.ts';
import { runProposal } from '../../../src/services/mappings/run-proposal.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import type { TestDeps } from '../../harness/context.ts';
import { addConnector, columnsOf, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = workOff(await mappingDeps());
});
afterAll(() => deps.close());

describe('proposing mappings without a model', () => {
  it('answers the documented example in the order of the source, with keys, reasons and transforms', async () => {
    const connectorId = await addConnector(deps);
    const { mapped, reviewRequired, mappings } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    expect(mappings.map((m) => [m.sourceField, m.targetColumn])).toEqual([
      ['Id', 'external_id'],
      ['Name', 'deal_name'],
      ['Amount', 'deal_value_usd'],
      ['CloseDate', 'close_date'],
      ['StageName', 'stage'],
      ['OwnerId', 'owner_crm_id'],
      ['CreatedDate', 'created_at'],
    ]);
    expect(mapped).toBe(7);
    expect(reviewRequired).toBe(mappings.filter((m) => m.confidenceScore < 0.7).length);
    const byField = Object.fromEntries(mappings.map((m) => [m.sourceField, m]));
    expect(byField['Id']).toMatchObject({
      confidenceScore: 1,
      isKey: true,
      llmMapped: false,
      reviewed: false,
      transformFn: null,
    });
    expect(byField['CloseDate']).toMatchObject({
      confidenceScore: 1,
      transformFn: 'str(v)[:10] if v else None',
    });
    expect(byField['StageName']?.transformFn).toBe('v.strip().upper() if v else None');
    expect(byField['Amount']?.transformFn).toBeNull();
    for (const mapping of mappings) expect(mapping.reason).toBeTruthy();
  });

  it("refuses another tenant's connector, an unknown id and a malformed one alike", async () => {
    const connectorId = await addConnector(deps, 'globex');
    for (const id of [connectorId, deps.newId(), 'nonsense']) {
      await expect(proposeMappings(ctxOf(deps), { connectorId: id, ...OPPORTUNITY })).rejects.toMatchObject({
        code: 'connector.not_found',
      });
    }
  });

  it.each([
    ['an empty source', { sourceSchema: {} }, 'mapping.source_empty', 'no fields'],
    ['an unknown table', { targetTable: 'orders' }, 'mapping.target_unknown', 'deals, companies, contacts'],
    [
      'a custom target without columns',
      { targetSchema: 'custom' as const },
      'mapping.target_unknown',
      'target_schema_def',
    ],
    ['a target of no columns', { targetSchemaDef: {} }, 'mapping.target_empty', 'no columns'],
    ['an unusable name', { sourceSchema: { 'a\0b': 'string' } }, 'mapping.name_invalid', 'cannot be used'],
  ])('refuses %s and says why', async (_, change, code, words) => {
    const connectorId = await addConnector(deps);
    const asked = proposeMappings(ctxOf(deps), { connectorId, ...OPPORTUNITY, ...change });
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it('answers pending with the job when the pool takes longer than the request may', async () => {
    const idle = await mappingDeps();
    const connectorId = await addConnector(idle);
    const answer = await proposeMappings(ctxOf(idle), { connectorId, ...OPPORTUNITY, timeoutMs: 60 });
    expect(answer).toEqual({ status: 'pending', jobId: expect.any(String) });
    expect(idle.jobs).toEqual([
      expect.objectContaining({
        name: 'propose-mappings',
        payload: { mappingJobId: Object.values(answer)[1] },
      }),
    ]);
    await idle.close();
  });

  it('changes nothing when a job is run twice, and ends quietly when its connector is gone', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    await proposed(ctx, { connectorId, ...OPPORTUNITY });
    const before = await listMappings(ctx, { connectorId, limit: null, after: null });
    const payload = deps.jobs.at(-1)?.payload as { mappingJobId: string };
    await runProposal(deps, payload);
    expect(await listMappings(ctx, { connectorId, limit: null, after: null })).toEqual(before);
    await deleteConnector(deps.database.db, 'acme', connectorId);
    await expect(runProposal(deps, payload)).resolves.toBeUndefined();
    await expect(listMappings(ctx, { connectorId, limit: null, after: null })).rejects.toMatchObject({
      code: 'connector.not_found',
    });
  });

  it('keeps what a person reviewed, replaces what nobody did, and gives a held column to no other field', async () => {
    const connectorId = await addConnector(deps);
    const ctx = ctxOf(deps);
    const first = await proposed(ctx, { connectorId, ...OPPORTUNITY });
    const amount = first.mappings.find((m) => m.sourceField === 'Amount');
    await updateMapping(ctx, {
      connectorId,
      mappingId: amount?.id ?? '',
      patch: { reviewed: true, targetColumn: 'expected_revenue_usd', transformFn: 'float(v)' },
    });
    const again = await proposed(ctx, {
      connectorId,
      ...OPPORTUNITY,
      sourceSchema: { ...OPPORTUNITY.sourceSchema, ExpectedRevenue: 'number' },
    });
    expect(again.mappings.find((m) => m.sourceField === 'Amount')).toMatchObject({
      id: amount?.id,
      reviewed: true,
      targetColumn: 'expected_revenue_usd',
      transformFn: 'float(v)',
    });
    expect(columnsOf(again.mappings)['ExpectedRevenue']).not.toBe('expected_revenue_usd');
    expect(again.mappings.find((m) => m.sourceField === 'Id')?.id).toBe(first.mappings[0]?.id);
  });

  it("proposes a decision of the same tenant on another connector of the source first, at 1.0, and never another tenant's", async () => {
    const ctx = ctxOf(deps, 'decider');
    const one = await addConnector(deps, 'decider');
    const { mappings } = await proposed(ctx, { connectorId: one, ...OPPORTUNITY });
    const owner = mappings.find((m) => m.sourceField === 'OwnerId')?.id ?? '';
    await updateMapping(ctx, {
      connectorId: one,
      mappingId: owner,
      patch: { reviewed: true, targetColumn: 'created_by_crm_id', transformFn: 'v.strip()' },
    });
    const two = await addConnector(deps, 'decider');
    const taught = await proposed(ctx, { connectorId: two, ...OPPORTUNITY });
    expect(taught.mappings.find((m) => m.sourceField === 'OwnerId')).toMatchObject({
      targetColumn: 'created_by_crm_id',
      transformFn: 'v.strip()',
      confidenceScore: 1,
      reviewed: false,
    });
    const stranger = await addConnector(deps, 'stranger');
    const untaught = await proposed(ctxOf(deps, 'stranger'), { connectorId: stranger, ...OPPORTUNITY });
    expect(columnsOf(untaught.mappings)['OwnerId']).toBe('owner_crm_id');
  });

  it('judges transforms by the values a stream has in staging', async () => {
    const connectorId = await addConnector(deps, 'acme', 'files');
    const schema = `etl_staging_${connectorId.slice(0, 8)}`;
    const { sql } = deps.database;
    await sql`create schema ${sql(schema)}`;
    await sql`create table ${sql(schema)}."strikes" ("Flight Date" text, "Cost Total $" text, "Damaged" text)`;
    await sql`insert into ${sql(schema)}."strikes" values ('1990-01-08 10:00', '1,200', 'yes'), ('1991-02-09 11:30', '30', 'no')`;
    const { mappings } = await proposed(ctxOf(deps), {
      connectorId,
      sourceStream: 'strikes',
      sourceSchema: { 'Flight Date': 'string', 'Cost Total $': 'string', Damaged: 'string' },
      targetSchema: 'custom',
      targetTable: 'bird_strikes',
      targetSchemaDef: { flight_date: 'date', cost_total_usd: 'double', is_damaged: 'boolean' },
    });
    expect(Object.fromEntries(mappings.map((m) => [m.targetColumn, m.transformFn]))).toEqual({
      flight_date: 'str(v)[:10] if v else None',
      cost_total_usd: "float(v.replace(',', '')) if v else None",
      is_damaged: "{'yes': True, 'no': False}[v.strip().lower()] if v and v.strip() else None",
    });
  });

  it('gives case-differing and duplicate names one column at most, and takes 5,000 fields', async () => {
    const connectorId = await addConnector(deps);
    const sourceSchema = Object.fromEntries([
      ['id', 'string'],
      ['ID', 'string'],
      ['Größe', 'number'],
      ['select', 'string'],
      ...Array.from({ length: 5_000 }, (_, n) => [`field_${n}`, 'string']),
    ]);
    const { mappings } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY, sourceSchema });
    const columns = mappings.map((m) => m.targetColumn);
    expect(new Set(columns).size).toBe(columns.length);
    expect([columnsOf(mappings)['id'], columnsOf(mappings)['ID']].sort()).toEqual(['external_id', undefined]);
  });
});
