import type { Ctx } from '../../context.ts';
import { findVerified } from '../../db/queries/foundry-verified.ts';
import type { FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Plan, Planned, Turn } from '../../domain/foundry/plan.ts';
import type { FailedAttempt } from '../../foundry/model-planner/plan-question.ts';
import { questionKey } from '../../foundry/question-key.ts';
import { type Attempt, attempt } from './attempt.ts';
import { modelPlan } from './model-plan.ts';
import type { FoundryParts } from './parts.ts';
import type { TenantCatalog } from './schema.ts';

export interface Asked {
  /** Of the answer. */
  id: string;
  question: string;
  /** The turns that are used, the oldest first. */
  context: readonly Turn[];
  sources: readonly FoundryTarget[];
}

export type Found = { kind: 'attempted'; attempt: Attempt } | Exclude<Planned, { kind: 'plan' }>;

/** How an answer was looked for. */
export interface Search {
  /** Every plan that was tried, in order. */
  attempts: Attempt[];
  /** For who asked: why it was not done as usual. */
  notes: string[];
  /** No model is configured, or it did not answer. */
  withoutModel: boolean;
}

const MAX_REPAIRS = 2;
const PROMPT_LIMITS = { maxTables: 60, maxCharacters: 60_000 };
/** Whom a thousand tables would keep busy for seconds: it works in this process. */
const BUILT_IN_LIMITS = { maxTables: 300, maxCharacters: 1_500_000 };
/** No repair is begun later: the whole must end before a client gives up. */
const REPAIRS_WITHIN_MS = 60_000;

/**
 * Looks for an answer: a verified plan first, then the model's with up to two repairs (of a guard's refusal one), else the built-in planner's.
 * Writes what it does into `search`. Throws an aborted signal's reason.
 */
export async function findAnswer(
  ctx: Ctx,
  asked: Asked,
  known: TenantCatalog,
  { parts, search, signal }: { parts: FoundryParts; search: Search; signal: AbortSignal },
): Promise<Found> {
  const tried = async (plan: Plan): Promise<Attempt> => {
    const done = await attempt(ctx, plan, known, parts.guardFor, signal);
    search.attempts.push(done);
    return done;
  };
  const verified = await verifiedPlan(ctx, asked.question);
  if (verified) {
    const done = await tried(verified);
    if (done.kind === 'answered') return { kind: 'attempted', attempt: done };
    search.notes.push(`The verified query no longer answers: ${done.message}`);
  }
  if (ctx.llm !== null) {
    const found = await askModel(ctx, asked, known, { parts, search, signal, tried });
    if (found) return found;
  }
  search.withoutModel = true;
  const planned = await ctx.tracing.span('foundry.plan', {}, async () =>
    builtInPlan(ctx, asked, known, parts),
  );
  if (planned.kind !== 'plan') return planned;
  return { kind: 'attempted', attempt: await tried(planned.plan) };
}

async function verifiedPlan(ctx: Ctx, question: string): Promise<Plan | null> {
  const found = await findVerified(ctx.database.db, ctx.tenantId, questionKey(question));
  if (!found) return null;
  const { target, query, explanation } = found;
  return { target, query, explanation, planner: 'verified' };
}

interface Asking {
  parts: FoundryParts;
  search: Search;
  signal: AbortSignal;
  tried(plan: Plan): Promise<Attempt>;
}

/** null: the model is of no help. */
async function askModel(
  ctx: Ctx,
  { id, question, context, sources }: Asked,
  { catalog }: TenantCatalog,
  { parts, search, signal, tried }: Asking,
): Promise<Found | null> {
  const until = performance.now() + REPAIRS_WITHIN_MS;
  const pruned = parts.prune(catalog, wordsOf(context, question), PROMPT_LIMITS);
  const failed: FailedAttempt[] = [];
  let last: Attempt | null = null;
  let refusals = 0;
  for (let tries = 0; tries <= MAX_REPAIRS; tries++) {
    const input = { question, context, catalog: pruned, sources, failed, now: ctx.now() };
    const word = await modelPlan(ctx, id, input, signal);
    if (word.planned === null) {
      if (last) return { kind: 'attempted', attempt: last };
      search.notes.push(`The model gave no plan, so the built-in planner was asked: ${word.why}`);
      return null;
    }
    if (word.planned.kind !== 'plan') return word.planned;
    const { plan } = word.planned;
    last = await tried(plan);
    if (last.kind === 'refused') refusals += 1;
    const isOver =
      last.kind === 'answered' || !last.isRepairable || refusals > 1 || performance.now() > until;
    if (isOver) break;
    failed.push({
      target: plan.target,
      query: plan.query,
      problem: last.kind === 'answered' ? '' : last.message,
    });
  }
  return last && { kind: 'attempted', attempt: last };
}

/** On the stores that answer; on the others only to say that they are the ones that would be needed. */
function builtInPlan(
  ctx: Ctx,
  { question, context, sources }: Asked,
  { catalog }: TenantCatalog,
  { planQuestion, prune }: FoundryParts,
): Planned {
  const pruned = prune(catalog, wordsOf(context, question), BUILT_IN_LIMITS);
  const there = pruned.sources.filter(({ available }) => available);
  const request = { question, context, sources, now: ctx.now() };
  const planned = planQuestion({ ...request, catalog: { sources: there } });
  if (planned.kind === 'plan' || there.length === pruned.sources.length) return planned;
  const otherwise = planQuestion({ ...request, catalog: pruned });
  return otherwise.kind === 'plan' ? otherwise : planned;
}

function wordsOf(context: readonly Turn[], question: string): string {
  return [...context.map(({ content }) => content), question].join('\n');
}
