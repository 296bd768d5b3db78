import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLlm, type OpenAiOptions } from '../../../src/adapters/llm/openai.ts';
import type { LlmRequest } from '../../../src/ports/llm.ts';
import { type OpenAiStub, type StubAnswer, startOpenAiStub } from '../../harness/openai-stub.ts';

const REQUEST: LlmRequest = {
  purpose: 'mapping',
  tenantId: 'acme',
  system: 'You map.',
  user: '{"fields":[]}',
  schema: {
    name: 'answer',
    schema: { type: 'object', additionalProperties: false, required: [], properties: {} },
  },
  maxOutputTokens: 100,
};
const never = new AbortController().signal;
const open: OpenAiStub[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((stub) => stub.close()));
});

async function against(answers: StubAnswer[], options: Partial<OpenAiOptions> = {}) {
  const stub = await startOpenAiStub((_, nth) => answers[nth - 1] ?? answers.at(-1) ?? { hang: true });
  open.push(stub);
  const llm = createOpenAiLlm({
    apiKey: 'sk-test',
    baseUrl: stub.baseUrl,
    model: 'gpt-4o-mini',
    backoffMs: 1,
    ...options,
  });
  return { stub, llm };
}

describe('the OpenAI adapter', () => {
  it('asks for strict structured output and gives the parsed answer with its tokens', async () => {
    const { stub, llm } = await against([{ json: { mappings: [] } }]);
    expect(await llm.complete(REQUEST, never)).toEqual({
      value: { mappings: [] },
      model: 'gpt-4o-mini',
      promptTokens: 120,
      completionTokens: 34,
    });
    const [sent] = stub.requests;
    expect(sent?.authorization).toBe('Bearer sk-test');
    expect(sent?.body.messages.map((m) => m.role)).toEqual(['system', 'user']);
    expect(sent?.body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true },
    });
  });

  it('tries again after 429 and 5xx and then answers', async () => {
    const { stub, llm } = await against([{ status: 429 }, { status: 503 }, { json: 1 }]);
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
    expect(stub.requests).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    const { llm } = await against([{ status: 429, headers: { 'retry-after': '1' } }, { json: 1 }]);
    const started = performance.now();
    await llm.complete(REQUEST, never);
    expect(performance.now() - started).toBeGreaterThanOrEqual(950);
  });

  it('gives up at once when Retry-After is longer than anybody waits', async () => {
    const { stub, llm } = await against([{ status: 429, headers: { 'retry-after': '3600' } }]);
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({
      code: 'llm.unavailable',
      retry: 'transient',
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('is unavailable after its last attempt', async () => {
    const { stub, llm } = await against([{ status: 500 }], { attempts: 2 });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['a refused key', { status: 401 }],
    ['a spent quota', { status: 429, body: { error: { message: 'no', code: 'insufficient_quota' } } }],
    ['a bad request', { status: 400 }],
    ['a refusal', { refusal: 'I will not' }],
    ['no JSON', { content: 'Sure! Here it is' }],
    ['an answer cut short', { json: {}, finishReason: 'length' }],
  ] satisfies [string, StubAnswer][])('does not try again after %s', async (_, answer) => {
    const { stub, llm } = await against([answer]);
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({
      code: 'llm.refused',
      retry: 'terminal',
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('is unavailable when the server does not answer in time', async () => {
    const { llm } = await against([{ hang: true }], { timeoutMs: 50, attempts: 1 });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
  });

  it('stops at once when its signal is aborted', async () => {
    const { llm } = await against([{ hang: true }]);
    const stop = new AbortController();
    const answer = llm.complete(REQUEST, stop.signal);
    stop.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('is unavailable when nothing listens', async () => {
    const { stub, llm } = await against([{ json: 1 }], { attempts: 2 });
    await stub.close();
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
  });
});
