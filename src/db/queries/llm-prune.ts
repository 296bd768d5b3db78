import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { llmAnswers, llmCalls } from '../schema/index.ts';

/** Calls to models of more than 400 days ago: a year's costs can be looked back on in full. They are in the order of their ids. */
export async function pruneLlmCalls(db: DbOrTx, limit: number): Promise<number> {
  const { rowCount } = await db.execute(sql`delete from ${llmCalls} where id in (
    select id from (select id, created_at from ${llmCalls} order by id limit ${limit}) oldest
    where created_at < now() - interval '400 days')`);
  return rowCount ?? 0;
}

/** Answers of models that are no longer used: asked again, the question goes to the model. */
export async function pruneLlmAnswers(db: DbOrTx, limit: number): Promise<number> {
  const { rowCount } = await db.execute(sql`delete from ${llmAnswers} where ctid = any(array(
    select ctid from ${llmAnswers} where created_at < now() - interval '30 days' limit ${limit}))`);
  return rowCount ?? 0;
}
