import { z } from 'zod';
import type { Ctx } from '../../context.ts';
import type { MappingJob } from '../../db/queries/mapping-jobs.ts';
import type { ProposedMapping } from '../../domain/mapping.ts';
import { AppError, UnavailableError } from '../../errors.ts';
import {
  ANSWER_SCHEMA,
  type FieldQuestion,
  MOST_ALONE,
  type PromptInput,
  questionsFor,
  SYSTEM_PROMPT,
} from '../../matching/prompt.ts';
import { rankFields } from '../../matching/rank.ts';
import { ask } from '../llm/ask.ts';
import { type Claim, claimsOf, settleClaims } from './model-choices.ts';
import { mayWait } from './model-turn.ts';
import type { ModelChoice, ProposalInput } from './proposals.ts';

const Answer = z.object({ mappings: z.array(z.unknown()) });

type Asked = Pick<ProposalInput, 'source' | 'target' | 'staged' | 'decisions' | 'reserved' | 'context'> & {
  job: MappingJob;
};

export interface ModelWord {
  /** A field that is absent is the matcher's: its question failed or was not answered usably. */
  choices: Map<string, ModelChoice>;
  /** Why a field is the matcher's, where no model could be asked. */
  notes: Map<string, string>;
}

const PARALLEL = 4;
/** Beyond the time of one question: those that follow the first ones. */
const MORE_MS = 5_000;
/** A model that answers so many questions uselessly and none well is not asked the rest. */
const MOST_USELESS = 3;

/**
 * Asks the model about every field no reviewer has decided, some at a time. Never throws for a model that is down, slow, refuses, costs more
 * than the tenant may spend, or answers nonsense. Throws UnavailableError `llm.tenant_busy` when the tenant's other questions take
 * all its places and the job may wait: what was answered by then is kept and asked for free.
 */
export async function askModel(ctx: Ctx, asked: Asked, signal: AbortSignal): Promise<ModelWord> {
  const { source, target, staged, reserved, context, job } = asked;
  const decided = new Set(asked.decisions.map(({ sourceField }) => sourceField));
  const fields = Object.keys(source).filter((field) => !decided.has(field));
  const ranking = rankFields(source, target, { top: 10, context });
  const { sourceStream: stream, targetTable: table } = job.request;
  const input: PromptInput = { stream, table, fields, source, target, staged, reserved, ranking };
  const { questions, leftOut } = questionsFor(input);
  const { claims, notes } = await askAll(ctx, job, questions, signal);
  for (const field of leftOut)
    notes.set(
      field,
      `The model was not asked: more than ${MOST_ALONE} fields have names that are long or could be read as orders.`,
    );
  return { choices: settleClaims(claims, { target, ranking }), notes };
}

/** The matcher's proposals say why no model made them. */
export function withNotes(
  proposals: readonly ProposedMapping[],
  notes: ReadonlyMap<string, string>,
): ProposedMapping[] {
  return proposals.map((proposal) => {
    const why = proposal.llmMapped ? undefined : notes.get(proposal.sourceField);
    return why === undefined ? proposal : { ...proposal, reason: `${proposal.reason} ${why}` };
  });
}

interface Heard {
  claims: Claim[];
  notes: Map<string, string>;
}

async function askAll(
  ctx: Ctx,
  job: MappingJob,
  questions: readonly FieldQuestion[],
  signal: AbortSignal,
): Promise<Heard> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ctx.settings.llm.timeoutMs + MORE_MS)]);
  const open = [...questions];
  const heard: Heard = { claims: [], notes: new Map() };
  /** Why no more is asked. */
  const end: { why: string | null; useless: number } = { why: null, useless: 0 };
  async function drain(): Promise<void> {
    for (let question = open.shift(); question; question = end.why === null ? open.shift() : undefined) {
      const outcome = await askOne(ctx, job, question, limit);
      signal.throwIfAborted();
      switch (outcome.kind) {
        case 'answered':
          heard.claims.push(...outcome.claims);
          break;
        case 'useless':
          note(heard, [question], outcome.why);
          end.useless += 1;
          if (heard.claims.length === 0 && end.useless >= MOST_USELESS) end.why = outcome.why;
          break;
        case 'down':
          end.why = outcome.why;
          open.unshift(question);
          break;
        case 'busy':
          open.unshift(question);
          return;
      }
    }
  }
  while (open.length > 0 && end.why === null) {
    const before = open.length;
    await Promise.all(Array.from({ length: PARALLEL }, drain));
    // Nobody got a place: the tenant's other questions have them all.
    if (end.why === null && open.length === before) end.why = turnedAway(ctx, job);
  }
  note(heard, open, end.why ?? '');
  return heard;
}

type Outcome =
  | { kind: 'answered'; claims: Claim[] }
  /** This question's answer is of no use; others may have better ones. */
  | { kind: 'useless'; why: string }
  /** No question can be asked now. */
  | { kind: 'down'; why: string }
  | { kind: 'busy' };

async function askOne(
  ctx: Ctx,
  { id }: MappingJob,
  question: FieldQuestion,
  limit: AbortSignal,
): Promise<Outcome> {
  const { user, maxOutputTokens } = question;
  const asked = { purpose: 'mapping', subject: id, system: SYSTEM_PROMPT, user, schema: ANSWER_SCHEMA };
  try {
    const { value } = await ask(ctx, { ...asked, answer: Answer, maxOutputTokens }, limit);
    return { kind: 'answered', claims: claimsOf(value.mappings, question) };
  } catch (error) {
    if (limit.aborted) return { kind: 'down', why: 'There was no more time to ask it.' };
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'llm.tenant_busy') return { kind: 'busy' };
    return { kind: error.code === 'llm.refused' ? 'useless' : 'down', why: error.message };
  }
}

/** Why the matcher must do, when the job can wait no longer. */
function turnedAway(ctx: Ctx, job: MappingJob): string {
  const why = 'Your other questions have all places with the model.';
  if (mayWait(job, ctx.now())) throw new UnavailableError('llm.tenant_busy', why);
  return why;
}

function note({ notes }: Heard, questions: readonly FieldQuestion[], why: string): void {
  for (const field of questions.flatMap(({ fields }) => fields)) {
    notes.set(field, `The model gave no answer: ${why}`);
  }
}
