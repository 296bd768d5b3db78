import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';

export const BOARD_PATH = '/admin/queues';
const OPERATOR = 'operator';

type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** The Bull Board dashboard behind the operator's password (user `operator`). Jobs carry ids only, so it can show no secret. */
export function createBoard(queues: readonly BoardQueue[], operatorPassword: string): Hono {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter: adapter });
  const board = new Hono();
  board.use('*', basicAuth({ username: OPERATOR, password: operatorPassword, realm: 'Ivory operator' }));
  board.route('/', adapter.registerPlugin());
  return board;
}
