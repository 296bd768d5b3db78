export interface LlmRequest {
  /** What the call is for: "mapping", "plan", "narrative". Goes into metrics, never into the prompt. */
  purpose: string;
  tenantId: string;
  system: string;
  user: string;
  /** JSON schema the answer must satisfy (OpenAI strict structured output). */
  schema: { name: string; schema: Record<string, unknown> };
  maxOutputTokens: number;
}

export interface LlmAnswer {
  /** The parsed answer; still a stranger's words: validate before use. */
  value: unknown;
  model: string;
  promptTokens: number;
  completionTokens: number;
}

/** A model behind an OpenAI-compatible server. Errors: UnavailableError `llm.unavailable`, InvalidError `llm.refused`. */
export interface Llm {
  readonly model: string;
  complete(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer>;
}
