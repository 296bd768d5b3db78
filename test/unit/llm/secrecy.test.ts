import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LlmUsage } from '../../../src/ports/llm.ts';
import type { StubAnswer } from '../../harness/openai-stub.ts';
import { against, never, REQUEST } from './against.ts';

const KEY = 'sk-proj-Pl4ntedKey0123456789';
const error = { message: `Incorrect API key provided: ${KEY}`, type: 'x', code: KEY, param: KEY };

describe('the API key', () => {
  it.each([
    ['a 401', { status: 401, body: { error } }],
    ['a 400', { status: 400, body: { error } }],
    ['a 500', { status: 500, body: { error }, headers: { 'x-echo': KEY } }],
    ['a body that is no JSON', { status: 503, body: KEY }],
    ['an error in the stream', { streamError: { ...error } }],
    ['a refusal', { refusal: `Bearer ${KEY}` }],
    ['garbage', { garbage: `data: {${KEY}\n\n`, contentType: 'text/event-stream' }],
    ['no JSON', { content: KEY }],
  ] satisfies [string, StubAnswer][])('is in no error when a server echoes it in %s', async (_, answer) => {
    const { llm } = await against([answer], { apiKey: KEY, attempts: 1 });
    const failure = await llm.complete(REQUEST, never).catch((caught: unknown) => caught);
    expect(failure).toBeInstanceOf(Error);
    expect(inspect(failure, { depth: 20, showHidden: true })).not.toContain(KEY);
    expect(JSON.stringify(failure)).not.toContain(KEY);
  });

  it('is in no answer and in no account of one', async () => {
    const { llm } = await against([{ json: { reason: `your key is ${KEY}` }, model: `m-${KEY}` }], {
      apiKey: KEY,
    });
    const told: LlmUsage[] = [];
    const answer = await llm.complete({ ...REQUEST, onUsage: (used) => told.push(used) }, never);
    expect(answer.value).toEqual({ reason: 'your key is [key]' });
    expect(JSON.stringify([answer, told])).not.toContain(KEY);
  });
});
