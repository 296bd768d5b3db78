import { and, eq, sql } from 'drizzle-orm';
import type { Db, DbOrTx } from '../client.ts';
import { llmCalls } from '../schema/index.ts';

export type LlmCall = typeof llmCalls.$inferSelect;
export type NewLlmCall = Pick<
  LlmCall,
  'tenantId' | 'purpose' | 'subject' | 'model' | 'promptTokens' | 'completionTokens' | 'costUsd'
>;

/** null: no limit */
export interface CallLimits {
  /** At once. */
  calls: number;
  minuteTokens: number | null;
  dailyTokens: number | null;
  dailyUsd: number | null;
  /** A call that has taken longer is no longer under way: its worker is gone. */
  longestMs: number;
  now: Date;
}

export type Admission =
  | { kind: 'admitted'; id: number }
  | { kind: 'limited'; by: 'calls' | 'minuteTokens' | 'dailyTokens' | 'dailyUsd' };

/**
 * Takes a place among the tenant's calls under way, with what the call may come to at most, unless a limit is reached. Whoever asks for the
 * same tenant in any process waits for the other's answer, so that together they stay within.
 */
export async function admitCall(db: Db, call: NewLlmCall, limits: CallLimits): Promise<Admission> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`ivory.llm ${call.tenantId}`}, 0))`);
    const used = await usedBy(tx, call.tenantId, limits);
    const tokens = call.promptTokens + call.completionTokens;
    const isBeyond = (limit: number | null, amount: number) => limit !== null && amount > limit;
    if (used.calls >= limits.calls) return { kind: 'limited', by: 'calls' };
    if (isBeyond(limits.minuteTokens, used.minuteTokens + tokens))
      return { kind: 'limited', by: 'minuteTokens' };
    if (isBeyond(limits.dailyTokens, used.dailyTokens + tokens))
      return { kind: 'limited', by: 'dailyTokens' };
    if (isBeyond(limits.dailyUsd, used.dailyUsd + (call.costUsd ?? 0)))
      return { kind: 'limited', by: 'dailyUsd' };
    const [row] = await tx
      .insert(llmCalls)
      .values({ ...call, outcome: 'asking', attempts: 0, durationMs: 0, createdAt: limits.now })
      .returning({ id: llmCalls.id });
    return { kind: 'admitted', id: row?.id ?? 0 };
  });
}

/** Calls of a tenant under way, those for one subject among them. */
export async function countUnderWay(
  db: DbOrTx,
  {
    tenantId,
    subject,
    longestMs,
    now,
  }: {
    tenantId: string;
    subject: string | null;
    longestMs: number;
    now: Date;
  },
): Promise<{ calls: number; ofSubject: number }> {
  const [row] = await db
    .select({
      calls: sql<number>`count(*)::int`,
      ofSubject: sql<number>`(count(*) filter (where ${llmCalls.subject} = ${subject}))::int`,
    })
    .from(llmCalls)
    .where(and(eq(llmCalls.tenantId, tenantId), eq(llmCalls.outcome, 'asking'), since(now, longestMs)));
  return row ?? { calls: 0, ofSubject: 0 };
}

export type CallEnd = Pick<
  LlmCall,
  'outcome' | 'attempts' | 'model' | 'promptTokens' | 'completionTokens' | 'costUsd' | 'durationMs'
>;

export async function endCall(db: DbOrTx, tenantId: string, id: number, end: CallEnd): Promise<void> {
  await db
    .update(llmCalls)
    .set(end)
    .where(and(eq(llmCalls.id, id), eq(llmCalls.tenantId, tenantId)));
}

/** A call that was never made: nothing went out. */
export async function withdrawCall(db: DbOrTx, tenantId: string, id: number): Promise<void> {
  await db.delete(llmCalls).where(and(eq(llmCalls.id, id), eq(llmCalls.tenantId, tenantId)));
}

export async function insertCachedCall(
  db: DbOrTx,
  call: Pick<LlmCall, 'tenantId' | 'purpose' | 'subject' | 'model' | 'createdAt'>,
): Promise<void> {
  await db.insert(llmCalls).values({
    ...call,
    outcome: 'cached',
    attempts: 0,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: 0,
    durationMs: 0,
  });
}

async function usedBy(tx: DbOrTx, tenantId: string, { now, longestMs }: CallLimits) {
  const tokens = sql`${llmCalls.promptTokens} + ${llmCalls.completionTokens}`;
  const thisMinute = since(now, 60_000);
  const today = sql`${llmCalls.createdAt} >= ${startOfDay(now)}::timestamptz`;
  const [used] = await tx
    .select({
      calls: sql<number>`(count(*) filter (where ${llmCalls.outcome} = 'asking' and ${since(now, longestMs)}))::int`,
      minuteTokens: sql<number>`coalesce(sum(${tokens}) filter (where ${thisMinute}), 0)::float8`,
      dailyTokens: sql<number>`coalesce(sum(${tokens}) filter (where ${today}), 0)::float8`,
      dailyUsd: sql<number>`coalesce(sum(${llmCalls.costUsd}) filter (where ${today}), 0)::float8`,
    })
    .from(llmCalls)
    // A day and an hour: what today and the longest call can reach back, by the index.
    .where(and(eq(llmCalls.tenantId, tenantId), since(now, 25 * 3_600_000)));
  return used ?? { calls: 0, minuteTokens: 0, dailyTokens: 0, dailyUsd: 0 };
}

function since(now: Date, ms: number) {
  return sql`${llmCalls.createdAt} > ${new Date(now.getTime() - ms).toISOString()}::timestamptz`;
}

/** A day is one of UTC. */
function startOfDay(now: Date): string {
  return `${now.toISOString().slice(0, 10)}T00:00:00Z`;
}
