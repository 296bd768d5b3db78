import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findFoundryAnswer } from '../../db/queries/foundry-answers.ts';
import { findVerified, insertVerified, type VerifiedAnswer } from '../../db/queries/foundry-verified.ts';
import type { FoundryTarget } from '../../domain/foundry/catalog.ts';
import { ConflictError, InvalidError } from '../../errors.ts';
import { questionKey } from '../../foundry/question-key.ts';
import { answerNotFound, isFoundryId } from './foundry-id.ts';
import { FOUNDRY_PARTS, type FoundryParts } from './parts.ts';

/** A pair written out, or an answer whose pair it is; then only what is to be said otherwise. */
export type VerifyInput =
  | { question: string; target: FoundryTarget; query: string; explanation: string }
  | { answerId: string; question?: string | undefined; explanation?: string | undefined };

type Pair = Pick<VerifiedAnswer, 'question' | 'target' | 'query' | 'explanation'>;

/**
 * Keeps a reviewed question with its query: the same question is answered by it from now on. The query is guarded now and again whenever it is used.
 * Throws InvalidError `foundry.query_refused` (by the guard), `foundry.target_unknown`, `foundry.nothing_to_verify`, `foundry.question_needed`,
 * `foundry.question_empty`, ConflictError `foundry.verified_exists`, NotFoundError `foundry.answer_not_found`.
 */
export async function verifyAnswer(
  ctx: Ctx,
  input: VerifyInput,
  parts: FoundryParts = FOUNDRY_PARTS,
): Promise<VerifiedAnswer> {
  const { tenantId, actor } = ctx;
  const pair = 'answerId' in input ? await pairOf(ctx, input) : input;
  const key = questionKey(pair.question);
  if (key === '') throw new InvalidError('foundry.question_empty', 'The question has no word in it.');
  await assertAllowed(ctx, pair, parts);
  return ctx.database.db.transaction(async (tx) => {
    const kept = await insertVerified(tx, { id: ctx.newId(), tenantId, actor, questionKey: key, ...pair });
    if (!kept) throw exists((await findVerified(tx, tenantId, key))?.id ?? '');
    const detail = { target: kept.target };
    await insertAuditEvent(tx, ctx, { action: 'foundry.verify', subject: kept.id, detail });
    return kept;
  });
}

async function pairOf(
  ctx: Ctx,
  { answerId, question, explanation }: Extract<VerifyInput, { answerId: string }>,
): Promise<Pair> {
  const found = isFoundryId(answerId)
    ? await findFoundryAnswer(ctx.database.db, ctx.tenantId, answerId)
    : null;
  if (!found) throw answerNotFound();
  const { target, query } = found;
  if (found.outcome !== 'answered' || target === null || query === null)
    throw new InvalidError('foundry.nothing_to_verify', 'That question was not answered by a query.');
  if (found.turns > 0 && question === undefined) {
    const message = 'That question followed earlier turns: give the whole question as it stands alone.';
    throw new InvalidError('foundry.question_needed', message, {
      errors: [{ field: 'question', message: 'is needed' }],
    });
  }
  return {
    question: question ?? found.question,
    target,
    query,
    explanation: explanation ?? found.explanation ?? '',
  };
}

async function assertAllowed(ctx: Ctx, { target, query }: Pair, { schema, guardFor }: FoundryParts) {
  const { catalog } = await schema(ctx);
  const source = catalog.sources.find((each) => each.target === target);
  if (!source) throw new InvalidError('foundry.target_unknown', `${target} is not set up here.`);
  const { tenantId, settings } = ctx;
  const { maxRows } = settings.foundry;
  const verdict = await guardFor(source.dialect)({ tenantId, query, tables: source.tables, maxRows });
  if (verdict.allowed) return;
  throw new InvalidError('foundry.query_refused', `The query was refused: ${verdict.reason}`, {
    errors: [{ field: 'query', message: verdict.code }],
  });
}

function exists(id: string): ConflictError {
  const message = `This question is verified already (${id}): delete that one first.`;
  return new ConflictError('foundry.verified_exists', message);
}
