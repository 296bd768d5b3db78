import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import { estimateTokens } from '../../domain/token-estimate.ts';
import type { Llm, LlmAnswer, LlmRequest } from '../../ports/llm.ts';
import { type Dialect, FULL_DIALECT, plainerDialect, requestBody } from './openai/dialect.ts';
import { askedPauseMs, failureOf, keyHider, refused, unavailable } from './openai/failures.ts';
import { jsonIn, type Reply, readReply } from './openai/read-reply.ts';
import { watchedFetch } from './openai/watched-fetch.ts';

export interface OpenAiOptions {
  apiKey: string;
  /** Any server speaking the chat completions protocol; OpenAI's own by default. */
  baseUrl?: string;
  model: string;
  /** Of one request with all its attempts. */
  timeoutMs?: number;
  /** How long a server may send nothing at all, before its answer and within it. */
  idleTimeoutMs?: number;
  attempts?: number;
  /** Pause before the second attempt; doubles each time, give or take a quarter, unless the server says when. */
  backoffMs?: number;
}

const LONGEST_PAUSE_MS = 20_000;
const MAX_ANSWER_BYTES = 4_000_000;

interface Attempt {
  request: LlmRequest;
  dialect: Dialect;
  /** Aborted by the caller, or when the time for all attempts is up. */
  signal: AbortSignal;
}

/**
 * A model behind an OpenAI-compatible server, answering in strict structured output, streamed so that a slow one shows that it lives. What
 * a server does not understand is left out from then on (json_schema, max_completion_tokens, temperature, streaming). An aborted signal is thrown
 * as its own reason; other errors are those of the port and never hold the key.
 */
export function createOpenAiLlm(options: OpenAiOptions): Llm {
  const { apiKey, baseUrl, model, timeoutMs = 45_000, idleTimeoutMs = 20_000 } = options;
  const { attempts = 3, backoffMs = 500 } = options;
  const hide = keyHider(apiKey);
  let understood = FULL_DIALECT;
  const client = new OpenAI({
    apiKey,
    // null, not undefined: the client would look into the environment by itself.
    baseURL: baseUrl ?? null,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: 'off',
  });
  return { model, complete };

  async function complete(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer> {
    const totalMs = request.timeoutMs ?? timeoutMs;
    const deadline = AbortSignal.timeout(totalMs);
    const endsAt = Date.now() + totalMs;
    const either = AbortSignal.any([signal, deadline]);
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await askAdapting(request, either);
      } catch (error) {
        signal.throwIfAborted();
        if (deadline.aborted) throw unavailable(`The model did not answer within ${totalMs / 1000} s.`);
        const failure = failureOf(error, hide);
        if (failure.retry === 'terminal' || attempt >= attempts) throw failure;
        const jitter = 0.75 + Math.random() / 2;
        const pauseMs = askedPauseMs(error, Date.now()) ?? backoffMs * 2 ** (attempt - 1) * jitter;
        if (pauseMs > LONGEST_PAUSE_MS || Date.now() + pauseMs > endsAt) throw failure;
        await sleep(pauseMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** One attempt; where the server refuses the way it is asked, in a plainer one, each of which is tried once. */
  async function askAdapting(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer> {
    let dialect = understood;
    let first: unknown = null;
    for (;;) {
      try {
        const answer = await askOnce({ request, dialect, signal });
        understood = dialect;
        return answer;
      } catch (error) {
        first ??= error;
        const plainer = error instanceof APIError ? plainerDialect(dialect, error) : null;
        if (signal.aborted) throw error;
        if (plainer === null) throw error instanceof APIError && error.status === 400 ? first : error;
        dialect = plainer;
      }
    }
  }

  async function askOnce({ request, dialect, signal }: Attempt): Promise<LlmAnswer> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), idleTimeoutMs);
    const fetch = watchedFetch({ onLife: () => timer.refresh(), maxBytes: MAX_ANSWER_BYTES });
    const both = AbortSignal.any([signal, silence.signal]);
    try {
      request.onAttempt?.();
      const reply = await send(client.withOptions({ fetch }), { request, dialect, signal: both });
      signal.throwIfAborted();
      if (silence.signal.aborted) throw new Error('silence');
      return answerOf(reply, request);
    } catch (error) {
      if (!signal.aborted && silence.signal.aborted)
        throw unavailable(`The model server sent nothing for ${idleTimeoutMs / 1000} s.`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async function send(asking: OpenAI, { request, dialect, signal }: Attempt): Promise<Reply> {
    const body = requestBody(model, request, dialect);
    const sent = await asking.chat.completions.create(body, { signal }).withResponse();
    const isWhole = sent.response.headers.get('content-type')?.includes('application/json') ?? false;
    try {
      // Some servers answer in one piece though they were asked to stream.
      const chunks = Symbol.asyncIterator in sent.data && !isWhole ? sent.data : one(wholeOf(sent));
      const reply = await readReply(chunks);
      if (reply.usage || reply.content || reply.refusal) request.onUsage?.(usageOf(reply, request));
      return { ...reply, content: hide(reply.content), refusal: hide(reply.refusal) };
    } catch (error) {
      request.onUsage?.(usageOf(null, request));
      throw error;
    }
  }

  function usageOf(reply: Reply | null, { system, user }: LlmRequest) {
    const counted = reply?.usage ?? null;
    return {
      model: hide(reply?.model ?? model).slice(0, 100),
      // A server that does not count, or breaks off, is counted for.
      promptTokens: counted?.prompt ?? estimateTokens(system + user),
      cachedPromptTokens: counted?.cached ?? 0,
      completionTokens: counted?.completion ?? estimateTokens(reply?.content ?? ''),
    };
  }

  function answerOf(reply: Reply, request: LlmRequest): LlmAnswer {
    const { model: named, promptTokens, completionTokens } = usageOf(reply, request);
    return { value: answerIn(reply), model: named, promptTokens, completionTokens };
  }
}

interface Sent {
  data: unknown;
  response: Response;
}

/** The client has read the body unless it was asked to stream. */
function wholeOf({ data, response }: Sent): Promise<unknown> {
  return response.bodyUsed ? Promise.resolve(data) : response.json();
}

async function* one(value: Promise<unknown>): AsyncGenerator<unknown> {
  yield await value;
}

function answerIn({ content, refusal, finish }: Reply): unknown {
  if (refusal) throw refused('The model refused to answer.', refusal.slice(0, 300));
  if (finish === 'length') throw refused('The model ran out of room for its answer.');
  if (finish === 'content_filter')
    throw refused('A content filter of the model server held the answer back.');
  const value = jsonIn(content);
  if (value !== undefined) return value;
  if (finish === null) throw unavailable('The model server broke off in the middle of its answer.');
  throw refused('The model answered something that is no JSON.');
}
