import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import { estimateTokens } from '../../../src/domain/token-estimate.ts';
import type { TestDeps } from '../../harness/context.ts';
import { type OpenAiStub, type StubAnswer, startOpenAiStub } from '../../harness/openai-stub.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function withModel(answer: StubAnswer): Promise<{ deps: TestDeps; stub: OpenAiStub }> {
  const stub = await startOpenAiStub(() => answer);
  const llm = createOpenAiLlm({
    apiKey: 'k',
    baseUrl: stub.baseUrl,
    model: 'gpt-4o-mini',
    attempts: 2,
    backoffMs: 1,
    timeoutMs: 300,
  });
  const deps = workOff(await mappingDeps({ llm }));
  closers.push(stub.close, deps.close);
  return { deps, stub };
}

function said(
  source_field: string,
  target_column: string | null,
  confidence = 0.9,
  transform_fn: string | null = null,
) {
  return { source_field, target_column, confidence, transform_fn, reason: 'because' };
}

describe('proposing mappings with a model', () => {
  it('takes its choices, marks them, and drops what does not exist', async () => {
    const { deps, stub } = await withModel({
      json: {
        mappings: [
          said('Id', 'external_id', 1),
          said('Amount', 'deal_value_usd', 0.9, 'float(v)/100 if v else 0.0'),
          said('StageName', 'no_such_column'),
          said('Invented', 'pipeline'),
          said('OwnerId', 'owner_crm_id', 0.65),
          said('CreatedDate', 'deal_value_usd', 0.5),
          said('Name', null),
        ],
      },
    });
    const connectorId = await addConnector(deps);
    const { mappings, reviewRequired } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    const byField = Object.fromEntries(mappings.map((m) => [m.sourceField, m]));
    expect(byField['Amount']).toMatchObject({
      targetColumn: 'deal_value_usd',
      llmMapped: true,
      confidenceScore: 0.9,
      transformFn: 'float(v)/100 if v else 0.0',
    });
    expect(byField['OwnerId']).toMatchObject({ llmMapped: true, confidenceScore: 0.65 });
    expect(byField['StageName']).toMatchObject({ targetColumn: 'stage', llmMapped: false });
    expect(byField['Name']).toBeUndefined();
    expect(byField['Invented']).toBeUndefined();
    expect(mappings.filter((m) => m.targetColumn === 'deal_value_usd')).toHaveLength(1);
    expect(reviewRequired).toBe(1);
    expect(stub.requests).toHaveLength(1);
  });

  it('leaves out a transform that no value gets through, and says so', async () => {
    const { deps } = await withModel({
      json: { mappings: [said('Amount', 'deal_value_usd', 0.9, ' 9**9**9 ')] },
    });
    const connectorId = await addConnector(deps);
    const { mappings } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    const amount = mappings.find((m) => m.sourceField === 'Amount');
    expect(amount).toMatchObject({ transformFn: null, llmMapped: true });
    expect(amount?.reason).toContain('cannot run for any value');
  });

  it('leaves out a transform the sandbox refuses, and says so', async () => {
    const { deps } = await withModel({
      json: { mappings: [said('Amount', 'deal_value_usd', 0.9, "__import__('os').system('id')")] },
    });
    const connectorId = await addConnector(deps);
    const { mappings } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    const amount = mappings.find((m) => m.sourceField === 'Amount');
    expect(amount).toMatchObject({ transformFn: null, llmMapped: true });
    expect(amount?.reason).toContain('left out');
  });

  it.each([
    ['is overloaded', { status: 503 }],
    ['refuses the key', { status: 401 }],
    ['does not answer', { hang: true }],
    ['answers another shape', { json: { mapping: 'yes' } }],
  ] satisfies [string, StubAnswer][])('lets the matcher answer when it %s', async (_, answer) => {
    const { deps } = await withModel(answer);
    const connectorId = await addConnector(deps);
    const { mappings, mapped } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    expect(mapped).toBe(7);
    expect(mappings.every((m) => !m.llmMapped)).toBe(true);
  });

  it('stays far below 8,000 tokens a question against 2,000 columns, and sends no sample values', async () => {
    const { deps, stub } = await withModel({ json: { mappings: [] } });
    const connectorId = await addConnector(deps);
    const schema = `etl_staging_${connectorId.slice(0, 8)}`;
    const { sql } = deps.database;
    await sql`create schema ${sql(schema)}`;
    await sql`create table ${sql(schema)}."wide" ("field_1_amount" text)`;
    await sql`insert into ${sql(schema)}."wide" values ('jane.doe@example.com')`;
    await proposed(ctxOf(deps), {
      connectorId,
      sourceStream: 'wide',
      sourceSchema: Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`field_${n}_amount`, 'string'])),
      targetSchema: 'custom',
      targetTable: 'wide_target',
      targetSchemaDef: Object.fromEntries(
        Array.from({ length: 2_000 }, (_, n) => [`a_rather_long_column_name_${n}`, 'string']),
      ),
    });
    expect(stub.requests.length).toBeLessThan(10);
    for (const { body } of stub.requests) {
      const characters = body.messages.reduce((sum, message) => sum + message.content.length, 0);
      expect(characters / 3).toBeLessThan(8_000);
      expect(estimateTokens(body.messages.map(({ content }) => content).join(''))).toBeLessThan(8_000);
      expect(JSON.stringify(body)).not.toContain('jane.doe');
    }
  });
});
