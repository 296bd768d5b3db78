import type { APIError } from 'openai';
import type { ChatCompletionCreateParams } from 'openai/resources';
import type { LlmRequest } from '../../../ports/llm.ts';

/** What a server understands of the chat completions protocol. OpenAI itself understands all of it; others are found out by their 400s. */
export interface Dialect {
  answer: 'json_schema' | 'json_object' | 'text';
  limit: 'max_completion_tokens' | 'max_tokens';
  /** Models that reason refuse one, and spend output tokens before they say anything. */
  temperature: boolean;
  stream: boolean;
  /** `stream_options: {include_usage: true}` */
  usage: boolean;
}

export const FULL_DIALECT: Dialect = {
  answer: 'json_schema',
  limit: 'max_completion_tokens',
  temperature: true,
  stream: true,
  usage: true,
};

const REASONING_TOKENS = 8_000;

export function requestBody(
  model: string,
  request: LlmRequest,
  dialect: Dialect,
): ChatCompletionCreateParams {
  const { system, user, schema, maxOutputTokens } = request;
  const spelledOut = `${system}\nAnswer with one JSON object that satisfies this JSON schema, and nothing else:\n${JSON.stringify(schema.schema)}`;
  return {
    model,
    [dialect.limit]: maxOutputTokens + (dialect.temperature ? 0 : REASONING_TOKENS),
    messages: [
      { role: 'system', content: dialect.answer === 'json_schema' ? system : spelledOut },
      { role: 'user', content: user },
    ],
    ...(dialect.temperature ? { temperature: 0 } : {}),
    ...(dialect.stream ? { stream: true } : {}),
    ...(dialect.stream && dialect.usage ? { stream_options: { include_usage: true } } : {}),
    ...responseFormat(dialect, schema),
  };
}

function responseFormat({ answer }: Dialect, { name, schema }: LlmRequest['schema']) {
  if (answer === 'text') return {};
  if (answer === 'json_object') return { response_format: { type: 'json_object' as const } };
  return {
    response_format: { type: 'json_schema' as const, json_schema: { name, schema, strict: true } },
  };
}

/** Refusals that have to do with what was said, not with how. */
const OF_CONTENT = /context_length|content_filter|content_policy|string_above_max|too_long|moderation/i;

/** What to try after a server refused a request in this dialect; null: its refusal is about something else. */
export function plainerDialect(dialect: Dialect, error: APIError): Dialect | null {
  if (![400, 415, 422, 501].includes(error.status ?? 0)) return null;
  if (OF_CONTENT.test(`${error.code} ${error.type}`)) return null;
  const about = typeof error.param === 'string' ? error.param : error.message;
  const plainer = { json_schema: 'json_object', json_object: 'text', text: null } as const;
  const answer = plainer[dialect.answer];
  if (dialect.temperature && /temperature/i.test(about)) return { ...dialect, temperature: false };
  if (dialect.usage && /stream_options|include_usage/i.test(about)) return { ...dialect, usage: false };
  if (dialect.stream && /\bstream(ing)?\b/i.test(about)) return { ...dialect, stream: false };
  if (dialect.limit !== 'max_tokens' && /max_completion_tokens/i.test(about)) {
    return { ...dialect, limit: 'max_tokens' };
  }
  if (/response_format|json_schema|json_object|structured|grammar|strict/i.test(about)) {
    return answer && { ...dialect, answer };
  }
  // It does not say what it minds: the parts that older servers lack are left out one after the other.
  if (dialect.answer === 'json_schema') return { ...dialect, answer: 'json_object' };
  if (dialect.limit !== 'max_tokens') return { ...dialect, limit: 'max_tokens', usage: false };
  return answer && { ...dialect, answer };
}
