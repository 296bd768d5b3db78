import type { Ctx } from '../../context.ts';
import { admitAnswer } from '../../db/queries/foundry-answers.ts';
import type { FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Turn } from '../../domain/foundry/plan.ts';
import { UnavailableError } from '../../errors.ts';
import { type Asked, findAnswer, type Search } from './find-answer.ts';
import { type FoundryAnswer, NOTHING, nothingThere, type Outcome, outcomeOf } from './outcome.ts';
import { FOUNDRY_PARTS, type FoundryParts } from './parts.ts';
import { recordAnswer } from './record-answer.ts';
import type { TenantCatalog } from './schema.ts';

export interface AskInput {
  question: string;
  /** Any number of turns of any length, the oldest first; of the last four the beginning is used. */
  context: readonly Turn[];
  /** Preferred stores. Empty: any. */
  sources: readonly FoundryTarget[];
}

const MAX_TURNS = 4;
/** Of a turn: as long as a question may be. */
const TURN_CHARACTERS = 4_000;
/** An answer that has not ended by then ends; a request done again is another one after two minutes. */
const LONGEST_MS = 110_000;

/**
 * Answers a question with one read-only query on one of the tenant's stores. A question that cannot be answered, a refused and a failed query are
 * answers with an `error`. Every attempt is audited. Throws UnavailableError `foundry.too_many_questions`, and `foundry.cancelled` when the
 * signal of who asked is aborted: then the query under way is cancelled on its server.
 */
export function askQuestion(
  ctx: Ctx,
  input: AskInput,
  signal: AbortSignal,
  parts: FoundryParts = FOUNDRY_PARTS,
): Promise<FoundryAnswer> {
  return ctx.tracing.span('foundry.question', {}, async (span) => {
    const answer = await answerTo(ctx, input, signal, parts);
    span.set({ 'ivory.target': answer.plan?.target, 'ivory.rows': answer.rowCount });
    if (answer.error) span.fail(answer.error.code);
    return answer;
  });
}

async function answerTo(
  ctx: Ctx,
  input: AskInput,
  signal: AbortSignal,
  parts: FoundryParts,
): Promise<FoundryAnswer> {
  const startedAt = performance.now();
  const id = ctx.newId();
  const asked = { id, ...input, context: usedTurns(input.context) };
  await takePlace(ctx, asked);
  const search: Search = { attempts: [], notes: [], withoutModel: ctx.llm === null };
  const deadline = AbortSignal.timeout(LONGEST_MS);
  let outcome: Outcome = { kind: 'failed', ...NOTHING, error: LOST };
  try {
    outcome = await work(ctx, asked, { parts, search, signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    if (signal.aborted) {
      outcome = { ...outcome, kind: 'cancelled', error: CANCELLED };
      throw new UnavailableError(CANCELLED.code, CANCELLED.message, { cause: error });
    }
    if (!deadline.aborted) throw error;
    outcome = { ...outcome, error: TOO_LONG };
  } finally {
    await recordAnswer(ctx, id, outcome, search, performance.now() - startedAt);
  }
  const { kind: _, ...answer } = outcome;
  const { question } = input;
  return { id, question, ...answer, durationMs: performance.now() - startedAt, notes: search.notes };
}

const LOST = { code: 'internal', message: 'Something went wrong on our side.' };
const CANCELLED = { code: 'foundry.cancelled', message: 'The question was given up.' };
const TOO_LONG = {
  code: 'foundry.timeout',
  message: `The question took longer than ${LONGEST_MS / 1000} s; ask for less.`,
};

function usedTurns(context: readonly Turn[]): Turn[] {
  return context.slice(-MAX_TURNS).map(({ role, content }) => ({
    role,
    content: content.slice(0, TURN_CHARACTERS).toWellFormed(),
  }));
}

async function takePlace(ctx: Ctx, { id, question, context }: Asked): Promise<void> {
  const { database, tenantId, requestId, settings } = ctx;
  const most = settings.foundry.tenantMaxQuestions;
  const row = { id, tenantId, question, turns: context.length, requestId };
  if (await admitAnswer(database.db, row, { most, longestMs: LONGEST_MS })) return;
  const message = `As many of your questions as may be (${most}) are being answered; try again in a few seconds.`;
  throw new UnavailableError('foundry.too_many_questions', message, { retryAfterS: 3 });
}

interface Work {
  parts: FoundryParts;
  search: Search;
  signal: AbortSignal;
}

async function work(ctx: Ctx, asked: Asked, { parts, search, signal }: Work): Promise<Outcome> {
  const known = await ctx.tracing.span('foundry.catalog', {}, () => parts.schema(ctx));
  const unavailable = known.catalog.sources.flatMap(({ target, available }) => (available ? [] : [target]));
  if (known.catalog.sources.every(({ tables }) => tables.length === 0)) {
    return { kind: 'unanswerable', ...NOTHING, unavailable, error: nothingThere(unavailable) };
  }
  search.notes.push(...missingSources(asked, known));
  const found = await findAnswer(ctx, asked, known, { parts, search, signal });
  const outcome = await outcomeOf(ctx, asked, { found, search, signal, known });
  return { ...outcome, unavailable };
}

function missingSources({ sources }: Asked, { catalog }: TenantCatalog): string[] {
  const missing = new Set(sources).difference(new Set(catalog.sources.map(({ target }) => target)));
  return [...missing].map((target) => `${target} is not set up here.`);
}
