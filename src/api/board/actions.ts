import { Hono } from 'hono';
import type { Deps } from '../../context.ts';
import { ForbiddenError } from '../../errors.ts';
import { noteAction } from '../../services/board/note-action.ts';
import type { ApiEnv } from '../env.ts';

/**
 * What an operator may do, by the board's own routes. A job is a nudge with ids: done twice it changes nothing, taken away it is put back by the
 * sweep. What is not here would put jobs of anybody's making on a queue, or change what the catalog of jobs says.
 */
const ACTIONS: readonly (readonly [route: string, action: string])[] = [
  ['/api/queues/pause', 'queue.pause_all'],
  ['/api/queues/resume', 'queue.resume_all'],
  ['/api/queues/:queue/pause', 'queue.pause'],
  ['/api/queues/:queue/resume', 'queue.resume'],
  ['/api/queues/:queue/promote', 'queue.promote_all'],
  ['/api/queues/:queue/retry/:item', 'queue.retry_all'],
  ['/api/queues/:queue/clean/:item', 'queue.clean'],
  ['/api/queues/:queue/:item/retry', 'queue.retry_job'],
  ['/api/queues/:queue/:item/promote', 'queue.promote_job'],
  ['/api/queues/:queue/:item/clean', 'queue.remove_job'],
  ['/api/queues/:queue/job-schedulers/:item/run', 'queue.run_tick'],
];

interface BoardEnv extends ApiEnv {
  Variables: ApiEnv['Variables'] & { isNoted?: boolean };
}

const READING: readonly string[] = ['GET', 'HEAD'];

/** Lets reading through, writes down each action before it is done, and refuses all else. */
export function allowedActions(deps: Deps): Hono<BoardEnv> {
  const app = new Hono<BoardEnv>();
  for (const [route, action] of ACTIONS) {
    app.put(route, async (c, next) => {
      if (c.get('isNoted')) return next();
      c.set('isNoted', true);
      const subject = [c.req.param('queue') ?? 'all', c.req.param('item')].filter(Boolean).join('/');
      await noteAction(deps, { action, subject, requestId: c.get('requestId') });
      await next();
    });
  }
  app.use('*', async (c, next) => {
    if (!READING.includes(c.req.method) && !c.get('isNoted'))
      throw new ForbiddenError(
        'board.action',
        'The board may not do this; docs/dashboard.md says what it may.',
      );
    await next();
  });
  return app;
}
