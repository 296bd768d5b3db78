import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI, { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { AppError, InvalidError, UnavailableError } from '../../errors.ts';
import type { Llm, LlmAnswer, LlmRequest } from '../../ports/llm.ts';

export interface OpenAiOptions {
  apiKey: string;
  /** Any server speaking the chat completions protocol; OpenAI's own by default. */
  baseUrl?: string;
  model: string;
  /** Of one attempt. */
  timeoutMs?: number;
  attempts?: number;
  /** Pause before the second attempt; doubles each time, unless the server says when. */
  backoffMs?: number;
}

const LONGEST_PAUSE_MS = 20_000;

/**
 * A model behind an OpenAI-compatible server, answering in strict structured output.
 * Errors: UnavailableError `llm.unavailable` (down, overloaded, too slow, after all attempts); InvalidError `llm.refused` (key, request or
 * answer refused; trying again is no use). An aborted signal is thrown as its own reason.
 */
export function createOpenAiLlm(options: OpenAiOptions): Llm {
  const { apiKey, baseUrl, model, timeoutMs = 30_000, attempts = 3, backoffMs = 500 } = options;
  const client = new OpenAI({
    apiKey,
    // null, not undefined: the client would look into the environment by itself.
    baseURL: baseUrl ?? null,
    organization: null,
    project: null,
    timeout: timeoutMs,
    maxRetries: 0,
    logLevel: 'off',
  });
  return { model, complete };

  async function complete(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await askOnce(client, model, request, signal);
      } catch (error) {
        signal.throwIfAborted();
        const failure = translated(error);
        if (failure.retry === 'terminal' || attempt >= attempts) throw failure;
        const pauseMs = pauseBefore(error, backoffMs * 2 ** (attempt - 1));
        if (pauseMs > LONGEST_PAUSE_MS) throw failure;
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }
}

async function askOnce(
  client: OpenAI,
  model: string,
  request: LlmRequest,
  signal: AbortSignal,
): Promise<LlmAnswer> {
  const completion = await client.chat.completions.create(
    {
      model,
      temperature: 0,
      max_completion_tokens: request.maxOutputTokens,
      messages: [
        { role: 'system', content: request.system },
        { role: 'user', content: request.user },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: request.schema.name, schema: request.schema.schema, strict: true },
      },
    },
    { signal },
  );
  const choice = completion.choices?.[0];
  return {
    value: parsedAnswer(choice?.message?.content, choice?.message?.refusal, choice?.finish_reason),
    model: completion.model ?? model,
    promptTokens: completion.usage?.prompt_tokens ?? 0,
    completionTokens: completion.usage?.completion_tokens ?? 0,
  };
}

function parsedAnswer(
  content: string | null | undefined,
  refusal: string | null | undefined,
  finish?: string,
) {
  if (refusal) throw new InvalidError('llm.refused', 'The model refused to answer.', { internal: refusal });
  if (finish === 'length') throw new InvalidError('llm.refused', 'The model ran out of room for its answer.');
  try {
    return JSON.parse(content ?? '');
  } catch (cause) {
    throw new InvalidError('llm.refused', 'The model answered something that is no JSON.', { cause });
  }
}

function translated(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof APIConnectionTimeoutError)
    return unavailable('The model server did not answer in time.', error);
  if (error instanceof APIUserAbortError || error instanceof APIConnectionError)
    return unavailable('The model server cannot be reached.', error);
  if (!(error instanceof APIError))
    return unavailable('The model server answered something unreadable.', error);
  const { status } = error;
  if (status === 401 || status === 403)
    return new InvalidError('llm.refused', 'The model server refused the API key: check OPENAI_API_KEY.', {
      cause: error,
    });
  if (status === 429 && error.code === 'insufficient_quota')
    return new InvalidError('llm.refused', 'The account of the API key has no quota left.', { cause: error });
  if (status === undefined || status === 408 || status === 409 || status === 429 || status >= 500)
    return unavailable(`The model server is overloaded or failing (HTTP ${status ?? 'none'}).`, error);
  return new InvalidError('llm.refused', `The model server refused the request (HTTP ${status}).`, {
    cause: error,
  });
}

function unavailable(message: string, cause: unknown): UnavailableError {
  return new UnavailableError('llm.unavailable', message, { cause });
}

/** What the server asks for in Retry-After (seconds or a date), else the given pause with up to a quarter of jitter. */
function pauseBefore(error: unknown, elseMs: number): number {
  const asked = error instanceof APIError ? error.headers?.get('retry-after') : null;
  if (!asked) return elseMs * (1 + Math.random() / 4);
  const seconds = Number(asked);
  return Math.max(0, Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1000) || 0;
}
