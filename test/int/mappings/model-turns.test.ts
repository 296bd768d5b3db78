import { afterEach, expect, it } from 'vitest';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { proposeMappings } from '../../../src/services/mappings/propose.ts';
import { startMapping } from '../../../src/workers/mapping/start.ts';
import { startOpenAiStub } from '../../harness/openai-stub.ts';
import { until } from '../../harness/until.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY } from './fixture.ts';

const MANY = 50;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A mapping pool of six on queues in Postgres, and a model that never answers about the stream "Slow". */
async function pool() {
  const stub = await startOpenAiStub(({ messages }) => {
    const asked = JSON.parse(messages[1]?.content ?? '{}');
    if (asked.source_stream.startsWith('Slow')) return { hang: true };
    const entry = { target_column: 'external_id', confidence: 1, transform_fn: null, reason: 'the same' };
    return { json: { mappings: [{ source_field: 'Id', ...entry }] } };
  });
  const patient = { timeoutMs: 300_000, idleTimeoutMs: 300_000 };
  const llm = createOpenAiLlm({ apiKey: 'k', baseUrl: stub.baseUrl, model: 'gpt-4o-mini', ...patient });
  const deps = await mappingDeps({ llm });
  deps.settings.llm.timeoutMs = patient.timeoutMs;
  const store = await openQueueStore({ databaseUrl: deps.databaseUrl });
  deps.producer = store.producer();
  const worker = await startMapping(deps, { store, pool: 'mapping', concurrency: 6 });
  closers.push(stub.close, deps.close, store.close, () => worker.close(0));
  return { deps, stub };
}

it("one tenant's many requests to a model that hangs keep no other tenant's from being answered", async () => {
  const { deps, stub } = await pool();
  const slow = await addConnector(deps, 'acme');
  const quick = await addConnector(deps, 'globex');
  const ask = (n: number) =>
    proposeMappings(ctxOf(deps, 'acme'), {
      connectorId: slow,
      ...OPPORTUNITY,
      sourceStream: `Slow ${n}`,
      timeoutMs: 1,
    });
  for (let n = 0; n < MANY; n++) expect(await ask(n)).toMatchObject({ status: 'pending' });
  const most = deps.settings.llm.tenantMaxCalls;
  await until(
    'as many questions as one tenant may have are with the model',
    () => stub.open() === most,
    60_000,
  );
  const request = { connectorId: quick, ...OPPORTUNITY, sourceSchema: { Id: 'string' } };
  const answer = await proposeMappings(ctxOf(deps, 'globex'), { ...request, timeoutMs: 60_000 });
  expect(answer).toMatchObject({
    status: 'done',
    mappings: [{ sourceField: 'Id', targetColumn: 'external_id', llmMapped: true }],
  });
  expect(stub.open()).toBe(most);
}, 180_000);
