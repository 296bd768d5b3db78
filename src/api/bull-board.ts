import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import type { Deps } from '../context.ts';
import { allowedActions } from './board/actions.ts';
import { operatorLogin } from './board/operator-login.ts';
import { boardPage } from './board/page.ts';
import { sameOrigin } from './board/same-origin.ts';
import type { ApiEnv } from './env.ts';
import type { ClientAddresses } from './limits/client-address.ts';

export const BOARD_PATH = '/admin/queues';

type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

export interface BoardOptions {
  queues: readonly BoardQueue[];
  operatorPassword: string;
  clients: Pick<ClientAddresses, 'of'>;
}

/** The Bull Board dashboard behind the operator's password (user `operator`). Jobs carry ids only, so it can show no secret. */
export function createBoard(deps: Deps, { queues, operatorPassword, clients }: BoardOptions): Hono<ApiEnv> {
  const board = new Hono<ApiEnv>();
  const onThrottled = () => deps.metrics.requestLimited('operator');
  board.use('*', boardPage());
  board.use('*', operatorLogin({ password: operatorPassword, clients, onThrottled }));
  board.use('*', sameOrigin());
  board.use('*', (c, next) =>
    c.req.path === `${BOARD_PATH}/` ? Promise.resolve(c.redirect(BOARD_PATH)) : next(),
  );
  board.route('/', allowedActions(deps));
  board.route('/', createPages(queues));
  return board;
}

function createPages(queues: readonly BoardQueue[]): Hono {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Ivory queues', hideDocsLink: true } },
  });
  return adapter.registerPlugin();
}
