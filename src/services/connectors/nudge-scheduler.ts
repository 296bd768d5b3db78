import type { Ctx } from '../../context.ts';

/** The scheduler looks by itself every few seconds: a queue that is down costs time, not the run. */
export async function nudgeScheduler(ctx: Ctx): Promise<void> {
  try {
    await ctx.producer.add('dispatch-due', {});
  } catch (error) {
    ctx.log.warn({ event: 'scheduler.not_nudged', err: error }, 'the scheduler could not be nudged');
  }
}
