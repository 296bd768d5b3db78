import { describe, expect, it } from 'vitest';
import type { StubOptions } from '../../harness/openai-stub.ts';
import { against, never, REQUEST } from './against.ts';

const ANSWER = [{ json: { a: 1 } }];

describe('a server that does not understand all of the protocol', () => {
  it.each([
    ['json_schema', { refuses: ['json_schema'] }, { response_format: { type: 'json_object' } }],
    ['any response_format', { refuses: ['response_format'] }, {}],
    ['max_completion_tokens', { refuses: ['max_completion_tokens'] }, { max_tokens: 100 }],
    ['a temperature', { refuses: ['temperature'] }, { max_completion_tokens: 8_100 }],
    ['stream_options', { refuses: ['stream_options'] }, { stream: true }],
    ['streaming', { refuses: ['stream'] }, {}],
    [
      'several things',
      { refuses: ['json_schema', 'max_completion_tokens', 'stream_options'] },
      { response_format: { type: 'json_object' }, max_tokens: 100 },
    ],
  ] satisfies [string, StubOptions, object][])(
    'that refuses %s is asked without, now and from then on',
    async (_, options, sent) => {
      const { stub, llm } = await against(ANSWER, {}, options);
      expect(await llm.complete(REQUEST, never)).toMatchObject({ value: { a: 1 } });
      const tried = stub.requests.length;
      await llm.complete(REQUEST, never);
      expect(stub.requests).toHaveLength(tried + 1);
      const body = stub.requests.at(-1)?.body ?? {};
      expect(body).toMatchObject(sent);
      for (const name of options.refuses) expect(body).not.toHaveProperty(name);
    },
  );

  it.each([['json_schema'], ['max_completion_tokens'], ['response_format']] as const)(
    'that refuses %s without saying so is found out',
    async (name) => {
      const { stub, llm } = await against(ANSWER, {}, { refuses: [name], opaque: true });
      expect(await llm.complete(REQUEST, never)).toMatchObject({ value: { a: 1 } });
      const tried = stub.requests.length;
      await llm.complete(REQUEST, never);
      expect(stub.requests).toHaveLength(tried + 1);
    },
  );

  it('gets the schema in the prompt where it cannot be held to it', async () => {
    const { stub, llm } = await against(ANSWER, {}, { refuses: ['json_schema'] });
    await llm.complete(REQUEST, never);
    const [full, plain] = stub.requests.map(({ body }) => body.messages[0]?.content ?? '');
    expect(full).toBe(REQUEST.system);
    expect(plain).toContain(JSON.stringify(REQUEST.schema.schema));
  });

  it('that answers in one piece is understood', async () => {
    const { llm } = await against(ANSWER, {}, { neverStreams: true });
    expect(await llm.complete(REQUEST, never)).toMatchObject({ value: { a: 1 }, promptTokens: 120 });
  });

  it('that refuses everything is asked a few times, and nothing is learnt of it', async () => {
    const { stub, llm } = await against([
      { status: 400 },
      { status: 400 },
      { status: 400 },
      { status: 400 },
      ...ANSWER,
    ]);
    await expect(llm.complete(REQUEST, never)).rejects.toMatchObject({ code: 'llm.refused' });
    expect(stub.requests).toHaveLength(4);
    await llm.complete(REQUEST, never);
    expect(stub.requests.at(-1)?.body.response_format?.type).toBe('json_schema');
  });
});
