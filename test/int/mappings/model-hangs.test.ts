import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import { type OpenAiStub, startOpenAiStub } from '../../harness/openai-stub.ts';
import { createScriptedRunner } from '../../harness/scripted-runner.ts';
import { until } from '../../harness/until.ts';
import { CONNECTORS } from '../api/fixture.ts';
import { createLiveApi, type LiveApi } from '../api/live.ts';

const PATIENT = { timeoutMs: 300_000, idleTimeoutMs: 300_000 };
const NOTHING_NEW = { status: 'completed', rowsWritten: 0, state: '{"a":1}', streams: {} } as const;

let stub: OpenAiStub;
let api: LiveApi;
beforeAll(async () => {
  stub = await startOpenAiStub(() => ({ hang: true }));
  const llm = createOpenAiLlm({ apiKey: 'k', baseUrl: stub.baseUrl, model: 'gpt-4o-mini', ...PATIENT });
  const custom = createScriptedRunner(async () => NOTHING_NEW);
  api = await createLiveApi(['scheduler', 'runner', 'transform', 'mapping'], {}, () => ({
    llm,
    runners: { custom },
  }));
  api.deps.settings.llm.timeoutMs = PATIENT.timeoutMs;
}, 60_000);
afterAll(async () => {
  await stub.close();
  await api.close();
}, 60_000);

const asCustom = { connector_type: 'custom', tap_name: 'tap-files' };

test.each(['acme', 'rival'])(
  'while the model hangs on requests of acme, the API answers %s and its run completes',
  async (tenant) => {
    const asked = await api.create({ ...asCustom, destination_table: `asked_${tenant}` });
    const pending = api.call('POST', `${CONNECTORS}/${asked.id}/map-fields`, {
      body: {
        source_stream: `Slow ${tenant}`,
        source_schema: { Id: 'string' },
        target_schema: 'dm',
        target_table: 'deals',
      },
    });
    pending.catch(() => {});
    await until('the model is asked', () => stub.open() > 0, 60_000);

    const { id } = await api.create({ ...asCustom, destination_table: `run_${tenant}` }, { tenant });
    expect((await api.call('GET', CONNECTORS, { tenant })).status).toBe(200);
    expect((await api.call('POST', `${CONNECTORS}/${id}/trigger`, { tenant })).status).toBe(202);
    const run = await until(
      'the run has ended',
      async () => {
        const { body } = await api.call('GET', `${CONNECTORS}/${id}/runs`, { tenant });
        return body.runs[0] ?? null;
      },
      60_000,
    );
    expect(run.status).toBe('completed');
    expect(stub.open()).toBeGreaterThan(0);
  },
  180_000,
);
