import { describe, expect, it } from 'vitest';
import type { LlmUsage } from '../../../src/ports/llm.ts';
import type { StubAnswer } from '../../harness/openai-stub.ts';
import { against, never, REQUEST } from '../../unit/llm/against.ts';

describe('the OpenAI adapter', () => {
  it('asks for strict structured output, streamed, and gives the parsed answer with its tokens', async () => {
    const { stub, llm } = await against([{ json: { mappings: [] } }]);
    expect(await llm.complete(REQUEST, never)).toEqual({
      value: { mappings: [] },
      model: 'gpt-4o-mini',
      promptTokens: 120,
      completionTokens: 34,
    });
    const [sent] = stub.requests;
    expect(sent?.authorization).toBe('Bearer sk-test');
    expect(sent?.body).toMatchObject({
      model: 'gpt-4o-mini',
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 100,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true } },
    });
    expect(sent?.body.messages.map((m) => m.role)).toEqual(['system', 'user']);
  });

  it.each(['/v1', '/v1/', '/some/proxy/openai/v1', ''])(
    'reaches a server at any address: "%s"',
    async (path) => {
      const { stub, llm } = await against([{ json: 1 }], {}, { prefix: path.replace(/\/$/, '') });
      const { origin } = new URL(stub.baseUrl);
      const slashed = await against([], { baseUrl: `${origin}${path}` });
      expect(await slashed.llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
      expect(await llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
    },
  );

  it('tries again after 429, 5xx and a connection that breaks, and then answers', async () => {
    const answers: StubAnswer[] = [{ status: 429 }, { status: 503 }, { cut: true }, { json: 1 }];
    const { stub, llm } = await against(answers, { attempts: 4 });
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
    expect(stub.requests).toHaveLength(4);
  });

  it.each([
    ['cut off in the middle', { cut: true, after: 2 }],
    ['ended without an end', { content: '{"a": "xx', finishReason: null }],
    [
      'an error after its beginning',
      { streamError: { message: 'overloaded', type: 'server_error', code: null } },
    ],
    ['a page of a proxy', { garbage: '<html>Sign in to the network</html>' }],
    ['an event that is no JSON', { garbage: 'data: {"choices": [\n\n', contentType: 'text/event-stream' }],
  ] satisfies [string, StubAnswer][])('tries again after an answer that is %s', async (_, broken) => {
    const { stub, llm } = await against([broken, { json: 1 }]);
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['retry-after', '0.4', 380],
    ['retry-after-ms', '300', 280],
  ])('waits as long as %s says', async (header, value, leastMs) => {
    const { llm } = await against([{ status: 429, headers: { [header]: value } }, { json: 1 }]);
    const started = performance.now();
    await llm.complete(REQUEST, never);
    expect(performance.now() - started).toBeGreaterThanOrEqual(leastMs);
  });

  it.each([
    ['seconds', '3600'],
    ['a date', new Date(Date.now() + 3_600_000).toUTCString()],
  ])('gives up at once when Retry-After in %s is longer than anybody waits', async (_, value) => {
    const { stub, llm } = await against([{ status: 429, headers: { 'retry-after': value } }]);
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({
      code: 'llm.unavailable',
      retry: 'transient',
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('gives up at once when Retry-After is past the time it has', async () => {
    const { stub, llm } = await against([{ status: 503, headers: { 'retry-after': '15' } }], {
      timeoutMs: 10_000,
    });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
    expect(stub.requests).toHaveLength(1);
  });

  it('is unavailable after its last attempt', async () => {
    const { stub, llm } = await against([{ status: 500 }], { attempts: 2 });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['a refused key', { status: 401 }, 'llm.key_refused'],
    ['a key without the right', { status: 403 }, 'llm.key_refused'],
    ['an unknown model', { status: 404 }, 'llm.model_unknown'],
    ['a spent quota', { status: 429, code: 'insufficient_quota' }, 'llm.quota_spent'],
    ['a question that is too long', { status: 400, code: 'context_length_exceeded' }, 'llm.refused'],
    ['a refusal', { refusal: 'I will not' }, 'llm.refused'],
    ['no JSON', { content: 'Sure! Here it is' }, 'llm.refused'],
    ['an answer cut short', { json: {}, finishReason: 'length' }, 'llm.refused'],
    ['a filtered answer', { content: '{"a"', finishReason: 'content_filter' }, 'llm.refused'],
    ['an error that says not to', { status: 500, headers: { 'x-should-retry': 'false' } }, 'llm.refused'],
  ] satisfies [string, StubAnswer, string][])('does not try again after %s', async (_, answer, code) => {
    const { stub, llm } = await against([answer]);
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code, retry: 'terminal' });
    expect(stub.requests).toHaveLength(1);
  });

  it.each([
    ['a fence', '```json\n{"a": 1}\n```'],
    ['thoughts', '<think>{"a": 0} or so?</think>\n{"a": 1}'],
    ['words around it', 'Here you are: {"a": 1}. Anything else?'],
  ])('finds the JSON in %s', async (_, content) => {
    const { llm } = await against([{ content }]);
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: { a: 1 } });
  });

  it.each([
    ['says nothing', { hang: true }],
    ['falls silent in the middle', { hang: true, after: 1 }],
  ] satisfies [string, StubAnswer][])('is unavailable when the server %s', async (_, answer) => {
    const { llm } = await against([answer], { idleTimeoutMs: 60, attempts: 1 });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({
      code: 'llm.unavailable',
      message: expect.stringContaining('nothing for'),
    });
  });

  it('waits for a slow server as long as it shows that it lives', async () => {
    const { stub, llm } = await against([{ thinkMs: 2_400, everyMs: 50, json: 1 }], {
      idleTimeoutMs: 2_000,
    });
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: 1 });
    expect(stub.requests).toHaveLength(1);
  });

  it('ends with its time, whatever drips in', async () => {
    const { stub, llm } = await against([{ thinkMs: 60_000, everyMs: 20, json: 1 }], { timeoutMs: 200 });
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({
      code: 'llm.unavailable',
      message: expect.stringContaining('did not answer within'),
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('reads no more than a model can have to say', async () => {
    const { llm } = await against(
      [{ garbage: `: ${'x'.repeat(5_000_000)}`, contentType: 'text/event-stream' }],
      { attempts: 1 },
    );
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
  });

  it('stops at once when its signal is aborted, with the reason of the signal', async () => {
    for (const answer of [
      { hang: true },
      { hang: true, after: 1 },
      { status: 429, headers: { 'retry-after': '9' } },
    ] as StubAnswer[]) {
      const { stub, llm } = await against([answer]);
      const stop = new AbortController();
      const answered = llm.complete(REQUEST, stop.signal);
      await expect.poll(() => stub.requests.length).toBe(1);
      stop.abort(new Error('enough'));
      await expect(answered).rejects.toThrow('enough');
    }
  });

  it('is unavailable when nothing listens', async () => {
    const { stub, llm } = await against([{ json: 1 }], { attempts: 2 });
    await stub.close();
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.unavailable' });
  });

  it('tells each attempt, and what each answer cost, those of no use included', async () => {
    const usage = { prompt: 1_000, cached: 800, completion: 50 };
    const { llm } = await against([{ status: 500 }, { json: 1, usage, model: 'gpt-4o-mini-2024-07-18' }]);
    const cut = await against([{ json: 1, usage, finishReason: 'length' }]);
    const uncounted = await against([{ json: { a: 'some words' }, usage: null }]);
    let attempts = 0;
    const told: LlmUsage[] = [];
    const request = { ...REQUEST, onAttempt: () => attempts++, onUsage: (used: LlmUsage) => told.push(used) };
    await llm.complete(request, never);
    expect(attempts).toBe(2);
    await expect(cut.llm.complete(request, never)).rejects.toMatchObject({ code: 'llm.refused' });
    await uncounted.llm.complete(request, never);
    const counted = { promptTokens: 1_000, cachedPromptTokens: 800, completionTokens: 50 };
    expect(told).toEqual([
      { model: 'gpt-4o-mini-2024-07-18', ...counted },
      { model: 'gpt-4o-mini', ...counted },
      expect.objectContaining({ cachedPromptTokens: 0, promptTokens: expect.any(Number) }),
    ]);
    expect(told[2]?.promptTokens).toBeGreaterThan(3);
    expect(told[2]?.completionTokens).toBeGreaterThan(3);
  });
});
