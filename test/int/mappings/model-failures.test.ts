import { afterEach, describe, expect, it } from 'vitest';
import { withBreaker } from '../../../src/adapters/llm/breaker.ts';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import type { LlmSettings } from '../../../src/context.ts';
import { createLog } from '../../../src/log.ts';
import { type StubAnswer, startOpenAiStub } from '../../harness/openai-stub.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from './fixture.ts';

const KEY = 'sk-Pl4ntedKey0123456789';
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function withModel(answer: StubAnswer, limits: Partial<LlmSettings> = {}) {
  const stub = await startOpenAiStub(() => answer);
  const options = { apiKey: KEY, baseUrl: stub.baseUrl, model: 'gpt-4o-mini', attempts: 1 };
  const log = createLog({ level: 'silent', pretty: false, role: 'test' });
  const deps = workOff(await mappingDeps({ llm: withBreaker(createOpenAiLlm(options), { log }) }));
  Object.assign(deps.settings.llm, limits);
  closers.push(stub.close, deps.close);
  return { deps, stub };
}

describe('the matcher answers and says why no model did', () => {
  it('when the key is refused, without asking for each request, and the key is in no row', async () => {
    const error = { message: `Incorrect API key provided: ${KEY}.`, type: 'x', code: 'invalid_api_key' };
    const { deps, stub } = await withModel({ status: 401, body: { error } });
    const connectorId = await addConnector(deps);
    for (const stream of ['Opportunity', 'Deal', 'Offer']) {
      const request = { connectorId, ...OPPORTUNITY, sourceStream: stream };
      const { mappings, mapped } = await proposed(ctxOf(deps), request);
      expect(mapped).toBe(7);
      for (const { llmMapped, reason } of mappings) {
        expect(llmMapped).toBe(false);
        expect(reason).toContain('refused the API key');
      }
    }
    expect(stub.requests).toHaveLength(1);
    const dump = await deps.database.db.execute(
      `select coalesce(jsonb_agg(to_jsonb(t)), '[]')::text as rows from (
         select to_jsonb(m) from etl.field_mappings m union all select to_jsonb(c) from etl.llm_calls c
         union all select to_jsonb(j) from etl.mapping_jobs j union all select to_jsonb(e) from audit.events e) t`,
    );
    expect(JSON.stringify(dump.rows)).toContain('refused the API key');
    expect(JSON.stringify(dump.rows)).not.toContain(KEY);
  });

  it("when the tenant's budget is spent", async () => {
    const { deps, stub } = await withModel({ json: { mappings: [] } }, { tenantDailyTokens: 10 });
    const connectorId = await addConnector(deps);
    const { mappings, mapped } = await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    expect(mapped).toBe(7);
    for (const { reason } of mappings) expect(reason).toContain('10 tokens a day for the model are used');
    expect(stub.requests).toHaveLength(0);
  });

  it('and asks no model twice for the same proposal', async () => {
    const { deps, stub } = await withModel({ json: { mappings: [] } });
    const connectorId = await addConnector(deps);
    await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    await proposed(ctxOf(deps), { connectorId, ...OPPORTUNITY });
    expect(stub.requests).toHaveLength(1);
  });
});
