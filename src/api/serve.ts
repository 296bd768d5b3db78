import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Deps } from '../context.ts';
import { ConflictError } from '../errors.ts';
import type { QueueStore } from '../queues/connection.ts';
import { type ApiOptions, createApp } from './app.ts';
import { BOARD_PATH, createBoard } from './bull-board.ts';

export interface ServeOptions extends ApiOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** null: no dashboard. */
  operatorPassword: string | null;
}

export interface ApiServer {
  url: string;
  port: number;
  /** Takes no new connections, waits for the requests under way, at most 30 s. */
  close(): Promise<void>;
}

const DRAIN_MS = 30_000;

/** Serves the API and, with an operator password, the dashboard. Throws ConflictError `api.port_in_use`. */
export async function serveApi(deps: Deps, store: QueueStore, options: ServeOptions): Promise<ApiServer> {
  const closing = new AbortController();
  const app = createApp(deps, { ...options, closing: closing.signal });
  if (options.operatorPassword)
    app.route(BOARD_PATH, createBoard(store.rawQueues(), options.operatorPassword));
  const server = serve({ fetch: app.fetch, hostname: options.host, port: options.port }) as Server;
  await listening(server, options);
  const { port } = server.address() as AddressInfo;
  return { url: `http://${options.host}:${port}`, port, close: () => closeServer(server, closing) };
}

async function listening(server: Server, { host, port }: ServeOptions): Promise<void> {
  if (server.listening) return;
  try {
    await once(server, 'listening');
  } catch (cause) {
    const message = `The API cannot listen on ${host}:${port}: is the port in use? Choose another with --port or PORT.`;
    throw new ConflictError('api.port_in_use', message, { cause });
  }
}

async function closeServer(server: Server, closing: AbortController): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closing.abort();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
