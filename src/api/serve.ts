import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Deps } from '../context.ts';
import { ConflictError } from '../errors.ts';
import type { SharedRates } from '../ports/rates.ts';
import type { QueueStore } from '../queues/connection.ts';
import { type ApiOptions, createApp } from './app.ts';
import { BOARD_PATH, createBoard } from './bull-board.ts';
import { createGate, type Gate } from './gate.ts';
import { createHttpServer, type ServerTimes } from './http-server.ts';
import { API_LIMITS, type ApiLimits } from './limits/api-limits.ts';
import type { ConnectionLimits } from './limits/connections.ts';
import { createGuard, settleGuard } from './limits/guard.ts';
import { problemResponse } from './limits/raw-answer.ts';
import { malformed } from './limits/refused-requests.ts';

export interface ServeOptions extends ApiOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** null: no dashboard. */
  operatorPassword: string | null;
  limits?: Partial<ApiLimits>;
  connections?: Partial<ConnectionLimits>;
  times?: Partial<ServerTimes>;
  /** Where all processes count together; null: this process counts alone. Closed by who opened it. */
  sharedRates?: SharedRates | null;
}

export interface ApiServer {
  url: string;
  port: number;
  /** Answers nothing new but the probes, ends streams, waits for the requests under way, cuts those that are left after the time. */
  close(drainMs?: number): Promise<void>;
}

const DRAIN_MS = 15_000;

/** Serves the API and, with an operator password, the dashboard. Throws ConflictError `api.port_in_use`. */
export async function serveApi(deps: Deps, store: QueueStore, options: ServeOptions): Promise<ApiServer> {
  const closing = new AbortController();
  const guard = createGuard({ ...API_LIMITS, ...options.limits });
  const app = createApp(deps, { ...options, guard, closing: closing.signal });
  if (options.operatorPassword) {
    const { operatorPassword } = options;
    const board = createBoard(deps, { queues: store.rawQueues(), operatorPassword, clients: guard.clients });
    app.route(BOARD_PATH, board);
  }
  const gate = createGate((request, env) => app.fetch(request, env));
  const listener = getRequestListener(gate.fetch, { hostname: options.host, errorHandler: refused });
  const { connections, times } = options;
  const server = createHttpServer(listener, { clients: guard.clients, connections, times, log: deps.log });
  gate.count(server);
  server.listen(options.port, options.host);
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  const settling = options.sharedRates ? settleGuard(guard, options.sharedRates, deps.log) : null;
  async function close(drainMs = DRAIN_MS): Promise<void> {
    closing.abort();
    await closeServer(server, gate, drainMs);
    await settling?.close();
  }
  return { url: `http://${options.host}:${port}`, port, close };
}

/** Of what is no url to the app; the app itself answers for whatever it throws. */
function refused(): Response {
  return problemResponse(malformed('The target of the request is no url.'));
}

async function listening(server: Server, { host, port }: ServeOptions): Promise<void> {
  if (server.listening) return;
  try {
    await once(server, 'listening');
  } catch (cause) {
    const message = `The API cannot listen on ${host}:${port}: is the port in use, or the host none of this machine? Choose another with --port or PORT.`;
    throw new ConflictError('api.port_in_use', message, { cause });
  }
}

async function closeServer(server: Server, gate: Gate, drainMs: number): Promise<void> {
  await gate.drain(drainMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
