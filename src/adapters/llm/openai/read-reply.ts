import { z } from 'zod';

/** What a server said, put together from its chunks or taken from its one JSON body. */
export interface Reply {
  content: string;
  refusal: string;
  /** null: it stopped without saying that it had ended. */
  finish: string | null;
  model: string | null;
  usage: { prompt: number; cached: number; completion: number } | null;
}

const tokens = z.number().int().min(0).catch(0);
const Usage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens }).nullish().catch(null),
});
const Part = z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).catch({});
/** A chunk (`delta`) or a whole answer (`message`); every server leaves out or adds something. */
const Chunk = z.object({
  model: z.string().nullish().catch(null),
  choices: z
    .array(
      z.object({
        index: z.number().catch(0),
        delta: Part.optional(),
        message: Part.optional(),
        finish_reason: z.string().nullish().catch(null),
      }),
    )
    .catch([]),
  usage: Usage.nullish().catch(null),
});

/** Reads chunks to their end. Whatever cannot be understood is left out. */
export async function readReply(chunks: AsyncIterable<unknown>): Promise<Reply> {
  const reply: Reply = { content: '', refusal: '', finish: null, model: null, usage: null };
  for await (const chunk of chunks) take(reply, chunk);
  return reply;
}

function take(reply: Reply, chunk: unknown): void {
  const parsed = Chunk.safeParse(chunk);
  if (!parsed.success) return;
  const { model, choices, usage } = parsed.data;
  const choice = choices.find(({ index }) => index === 0);
  const part = choice?.delta ?? choice?.message;
  reply.content += part?.content ?? '';
  reply.refusal += part?.refusal ?? '';
  reply.finish = choice?.finish_reason ?? reply.finish;
  reply.model = model ?? reply.model;
  if (!usage) return;
  reply.usage = {
    prompt: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    completion: usage.completion_tokens,
  };
}

/** The JSON of an answer; models that are not held to it wrap it in a fence or think aloud first. Undefined: there is none. */
export function jsonIn(content: string): unknown {
  const spoken = content.slice(content.lastIndexOf('</think>') + 1);
  const braces = spoken.slice(spoken.indexOf('{'), spoken.lastIndexOf('}') + 1);
  for (const text of [content, braces]) {
    try {
      return JSON.parse(text);
    } catch {
      // the next spelling
    }
  }
  return undefined;
}
