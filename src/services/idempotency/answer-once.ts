import { createHash } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import {
  claimIdempotencyKey,
  type IdempotencyKey,
  type KnownAnswer,
  keepAnswer,
  releaseIdempotencyKey,
} from '../../db/queries/idempotency.ts';
import { seededIds } from '../../domain/seeded-ids.ts';
import { ConflictError, InvalidError } from '../../errors.ts';

export interface Answer {
  status: number;
  body: string;
  /** False: the failure was ours; the same key may be tried again. */
  final: boolean;
}

export interface OnceInput {
  key: string;
  /** Method, path and body: what makes two requests the same. */
  request: readonly (string | Uint8Array)[];
}

export type Once = { replayed: false } | { replayed: true; status: number; body: string };

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Answers a request once per key: the first is produced and its answer kept sealed (it may hold a secret), the same request again gets that
 * answer. `produce` gets the ids for what it makes: a process that dies between its commit and the kept answer leaves the key in flight, and
 * the request done again makes the same ids, so that it finds what is there instead of making a second one.
 * Errors: InvalidError `idempotency.key_invalid`, `idempotency.key_reused` (another request), ConflictError `idempotency.in_flight`.
 */
export async function answerOnce(
  ctx: Ctx,
  input: OnceInput,
  produce: (newId: Ctx['newId']) => Promise<Answer>,
): Promise<Once> {
  if (!KEY.test(input.key)) {
    throw new InvalidError(
      'idempotency.key_invalid',
      'An Idempotency-Key has 1 to 255 visible ASCII characters.',
    );
  }
  const claim = { tenantId: ctx.tenantId, key: input.key, fingerprint: fingerprintOf(input.request) };
  const claimed = await claimIdempotencyKey(ctx.database.db, claim);
  if (!claimed.taken) return replay(ctx, claim, claimed.known);
  await produceAndKeep(ctx, claim, () => produce(seededIds(claimed.seed)));
  return { replayed: false };
}

async function produceAndKeep(
  ctx: Ctx,
  claim: IdempotencyKey,
  produce: () => Promise<Answer>,
): Promise<void> {
  const { db } = ctx.database;
  try {
    const { status, body, final } = await produce();
    if (final) await keepAnswer(db, claim, { status, body: ctx.sealer.seal(body, placeOf(claim)) });
    else await releaseIdempotencyKey(db, claim);
  } catch (error) {
    await releaseIdempotencyKey(db, claim);
    throw error;
  }
}

function replay(ctx: Ctx, claim: IdempotencyKey, known: KnownAnswer): Once {
  if (known.fingerprint !== claim.fingerprint) {
    throw new InvalidError('idempotency.key_reused', 'This Idempotency-Key was used for another request.');
  }
  if (known.status === null || known.body === null) {
    const message = 'The first request with this Idempotency-Key is still being answered.';
    throw new ConflictError('idempotency.in_flight', message, { retryAfterS: 1 });
  }
  return { replayed: true, status: known.status, body: ctx.sealer.open(known.body, placeOf(claim)) };
}

function fingerprintOf(request: OnceInput['request']): string {
  const hash = createHash('sha256');
  for (const part of request) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}

function placeOf({ tenantId, key }: IdempotencyKey) {
  return { tenantId, connectorId: '', field: `idempotency:${key}` };
}
