import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { llmAnswers, llmCalls } from '../schema/index.ts';
import type { Old } from './prune.ts';

/** Calls to models are in the order of their ids. */
export async function pruneLlmCalls(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  const { rowCount } = await tx.execute(sql`delete from ${llmCalls} where id in (
    select id from (select id, created_at from ${llmCalls} order by id limit ${limit}) oldest
    where created_at < ${before})`);
  return rowCount ?? 0;
}

/** Answers of models that are no longer used: asked again, the question goes to the model. */
export async function pruneLlmAnswers(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  const { rowCount } = await tx.execute(sql`delete from ${llmAnswers} where ctid = any(array(
    select ctid from ${llmAnswers} where created_at < ${before} limit ${limit} for update skip locked))`);
  return rowCount ?? 0;
}
