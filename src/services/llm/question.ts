import type { z } from 'zod';

export interface Question<Answer> {
  /** "mapping", "plan", "narrative" */
  purpose: string;
  /** What it is asked for: the id of a mapping job or of a Foundry answer. */
  subject?: string;
  system: string;
  /** Whatever comes from outside belongs in here, as JSON. */
  user: string;
  /** What the model is held to, in OpenAI's strict subset of JSON schema. */
  schema: { name: string; schema: Record<string, unknown> };
  /** What the answer must be to be used and kept. */
  answer: z.ZodType<Answer>;
  maxOutputTokens: number;
  /** All attempts together; LLM_TIMEOUT_S where absent. */
  timeoutMs?: number;
}
