import { and, eq, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { llmAnswers } from '../schema/index.ts';

export type LlmAnswerRow = typeof llmAnswers.$inferSelect;

/** The answer kept under a key and not older than so many days; null: there is none. */
export async function findAnswer(
  db: DbOrTx,
  { tenantId, key, days }: { tenantId: string; key: string; days: number },
): Promise<{ model: string; answer: unknown } | null> {
  const [row] = await db
    .select({ model: llmAnswers.model, answer: llmAnswers.answer })
    .from(llmAnswers)
    .where(
      and(
        eq(llmAnswers.tenantId, tenantId),
        eq(llmAnswers.key, key),
        sql`${llmAnswers.createdAt} > now() - ${`${days} days`}::interval`,
      ),
    );
  return row ?? null;
}

export async function keepAnswer(db: DbOrTx, row: Omit<LlmAnswerRow, 'createdAt'>): Promise<void> {
  await db
    .insert(llmAnswers)
    .values(row)
    .onConflictDoUpdate({
      target: [llmAnswers.tenantId, llmAnswers.key],
      set: { model: row.model, answer: row.answer, createdAt: sql`now()` },
    });
}
