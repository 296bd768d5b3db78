import type { Ctx } from '../../context.ts';
import { messageOf } from '../../errors.ts';

/** The scheduler looks by itself every few seconds: a queue that is down costs time, not the run. */
export async function nudgeScheduler(ctx: Ctx): Promise<void> {
  try {
    await ctx.producer.add('dispatch-due', {});
  } catch (error) {
    ctx.log.warn({ error: messageOf(error), request_id: ctx.requestId }, 'the scheduler could not be nudged');
  }
}
