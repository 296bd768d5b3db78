import { z } from 'zod';
import type { Ctx } from '../../context.ts';
import { CONFIDENCE, type MappingRequest } from '../../domain/mapping.ts';
import { AppError, InvalidError, messageOf } from '../../errors.ts';
import { normalizedName } from '../../matching/name-tokens.ts';
import { ANSWER_SCHEMA, FIELDS_A_QUESTION, questionText, SYSTEM_PROMPT } from '../../matching/prompt.ts';
import { type Candidate, rankFields } from '../../matching/rank.ts';
import type { Llm } from '../../ports/llm.ts';
import type { ModelChoice, ProposalInput } from './proposals.ts';

const Answer = z.object({
  mappings: z.array(
    z.object({
      source_field: z.string(),
      target_column: z.string().nullable(),
      confidence: z.number(),
      transform_fn: z.string().nullable(),
      reason: z.string(),
    }),
  ),
});

type Asked = ProposalInput & { request: MappingRequest };

/** The request waits a minute for all of it; what is unanswered by then is the matcher's. */
const TOTAL_MS = 50_000;
const PARALLEL = 4;
const OUTPUT_TOKENS_A_FIELD = 90;

/**
 * Asks the model about every field, some at a time. A field is absent from the answer when its question failed or was not answered
 * usably: it is the matcher's then. Never throws for a model that is down, slow, or answers nonsense.
 */
export async function askModel(
  ctx: Ctx,
  llm: Llm,
  asked: Asked,
  signal: AbortSignal,
): Promise<Map<string, ModelChoice>> {
  const ranking = rankFields(asked.source, asked.target, { top: 10, context: asked.context });
  const decided = new Set(asked.decisions.map(({ sourceField }) => sourceField));
  const fields = Object.keys(asked.source).filter((field) => !decided.has(field));
  const questions = Array.from({ length: Math.ceil(fields.length / FIELDS_A_QUESTION) }, (_, at) =>
    fields.slice(at * FIELDS_A_QUESTION, (at + 1) * FIELDS_A_QUESTION),
  );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  const choices = new Map<string, ModelChoice>();
  const isDown = { value: false };
  async function drain() {
    for (let next = questions.shift(); next && !isDown.value && !limit.aborted; next = questions.shift()) {
      const answered = await askOnce(ctx, llm, { ...asked, fields: next, ranking }, limit);
      if (answered === null) isDown.value = true;
      for (const [field, choice] of answered ?? []) choices.set(field, choice);
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, drain));
  return choices;
}

async function askOnce(
  ctx: Ctx,
  llm: Llm,
  question: Asked & { fields: readonly string[]; ranking: Record<string, Candidate[]> },
  signal: AbortSignal,
): Promise<Map<string, ModelChoice> | null> {
  const { request, fields, source, target, ranking } = question;
  try {
    const answer = await llm.complete(
      {
        purpose: 'mapping',
        tenantId: ctx.tenantId,
        system: SYSTEM_PROMPT,
        user: questionText({
          stream: request.sourceStream,
          table: request.targetTable,
          fields,
          source,
          target,
          ranking,
        }),
        schema: ANSWER_SCHEMA,
        maxOutputTokens: 200 + fields.length * OUTPUT_TOKENS_A_FIELD,
      },
      signal,
    );
    const { model, promptTokens, completionTokens } = answer;
    ctx.log.info(
      { model, promptTokens, completionTokens, fields: fields.length },
      'model asked for mappings',
    );
    return choicesOf(answer.value, question);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.log.warn(
      { error: messageOf(error), code: error.code },
      'the model gave no mappings; the matcher does',
    );
    return null;
  }
}

/** Only fields that were asked about and columns that exist and are free; each field and each column once, the surest first. */
function choicesOf(value: unknown, { fields, target, reserved }: Asked & { fields: readonly string[] }) {
  const parsed = Answer.safeParse(value);
  if (!parsed.success)
    throw new InvalidError('llm.refused', 'The model answered in another shape than asked for.');
  const choices = new Map<string, ModelChoice>();
  const taken = new Set<string>();
  const surestFirst = parsed.data.mappings.toSorted((a, b) => b.confidence - a.confidence);
  for (const {
    source_field: field,
    target_column: column,
    confidence,
    transform_fn,
    reason,
  } of surestFirst) {
    if (!fields.includes(field) || choices.has(field)) continue;
    if (column === null) choices.set(field, null);
    else if (Object.hasOwn(target, column) && !reserved.has(column) && !taken.has(column)) {
      taken.add(column);
      const sure = banded(confidence, field, column);
      choices.set(field, { column, confidence: sure, transform: transform_fn, reason: reason.slice(0, 300) });
    }
  }
  return choices;
}

/** The documented bands; 1.0 only for a name that is the same. */
function banded(confidence: number, field: string, column: string): number {
  if (normalizedName(field) === normalizedName(column) && confidence >= 0.7) return CONFIDENCE.exact;
  if (confidence >= 0.85) return CONFIDENCE.semantic;
  if (confidence >= 0.7) return CONFIDENCE.inferred;
  return Math.max(0, Math.min(0.69, Math.round(confidence * 100) / 100)) || 0;
}
