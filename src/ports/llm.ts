export interface LlmRequest {
  /** What the call is for: "mapping", "plan", "narrative". Goes into metrics, never into the prompt. */
  purpose: string;
  tenantId: string;
  system: string;
  user: string;
  /** JSON schema the answer must satisfy (OpenAI strict structured output). */
  schema: { name: string; schema: Record<string, unknown> };
  maxOutputTokens: number;
  /** All attempts together; the adapter's own bound where absent. */
  timeoutMs?: number;
  /** Called before each request that goes out. */
  onAttempt?(): void;
  /** Called for each answer that is to be paid for, also one that turns out to be of no use. */
  onUsage?(usage: LlmUsage): void;
}

export interface LlmUsage {
  /** As the server names it. */
  model: string;
  promptTokens: number;
  /** Those of promptTokens the server had seen before: cheaper at most. */
  cachedPromptTokens: number;
  completionTokens: number;
}

/** US dollars per million tokens. */
export interface LlmPrice {
  input: number;
  /** Of input the server had seen before. */
  cachedInput: number;
  output: number;
}

export interface LlmAnswer {
  /** The parsed answer; still a stranger's words: validate before use. */
  value: unknown;
  model: string;
  promptTokens: number;
  completionTokens: number;
}

/**
 * A model behind an OpenAI-compatible server. Services ask through services/llm/ask.ts, which keeps answers, limits and accounts.
 * Errors: UnavailableError `llm.unavailable` (down, overloaded, too slow); InvalidError `llm.refused` (this request or its answer),
 * `llm.key_refused`, `llm.quota_spent`, `llm.model_unknown` (any request, until the operator does something).
 */
export interface Llm {
  readonly model: string;
  /** Code of what keeps it from being asked at the moment; null: nothing. */
  brokenBy?(): string | null;
  complete(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer>;
}
