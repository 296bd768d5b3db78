import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { type ApiServer, type ServeOptions, serveApi } from '../../../src/api/serve.ts';
import { signToken } from '../../../src/api/token.ts';
import type { Deps } from '../../../src/context.ts';
import { openQueueStore, type QueueStore } from '../../../src/queues/connection.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

export const SECRET = 'the-secret-of-the-tests-is-32-chars-long';
export const LIST = '/v1/admin/connectors';

export interface Served {
  deps: TestDeps;
  /** Another process' worth of API on the same database. */
  serve(options?: Partial<ServeOptions>, overrides?: Partial<Deps>): Promise<ApiServer>;
  close(): Promise<void>;
}

/** The API on real sockets; what it serves is closed with it. */
export async function createServed(): Promise<Served> {
  const bare = await createTestDeps();
  const lakehouse = createPostgresLakehouse({ url: bare.databaseUrl });
  const deps: TestDeps = { ...bare, lakehouse };
  const store: QueueStore = await openQueueStore({ redisUrl: undefined, databaseUrl: deps.databaseUrl });
  const servers: ApiServer[] = [];
  return {
    deps,
    async serve(options = {}, overrides = {}) {
      const auth = { jwtSecret: SECRET, jwksUrl: null, issuer: null, audience: null };
      const given = { host: '127.0.0.1', port: 0, operatorPassword: null, auth, ...options };
      const server = await serveApi({ ...deps, ...overrides }, store, given);
      servers.push(server);
      return server;
    },
    async close() {
      await Promise.all(servers.map((server) => server.close(0)));
      await store.close();
      await lakehouse.close();
      await bare.close();
    },
  };
}

export async function bearer(tenantId = 'acme'): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await signToken(SECRET, { tenantId, ttlS: 600 })}` };
}

/** A connection that says what it is told to and keeps what it hears. */
export interface RawClient {
  socket: Socket;
  heard(): string;
  closed: Promise<void>;
}

export async function openRaw(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  // a connection that is cut is what many of these tests wait for
  socket.on('error', () => {});
  const closed = once(socket, 'close').then(() => {});
  socket.on('end', () => socket.end());
  await once(socket, 'connect');
  return { socket, heard: () => text, closed };
}

export interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  body: string;
  text: string;
}

/** Sends bytes on a connection of their own and answers the first response, once the server has ended the connection. */
export async function sendRaw(port: number, request: string | Buffer): Promise<RawAnswer> {
  const client = await openRaw(port);
  client.socket.write(request);
  await client.closed;
  return answerOf(client.heard());
}

export function answerOf(text: string): RawAnswer {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const [first = '', ...lines] = head.split('\r\n');
  const pairs = lines.map((line) => line.split(/: (.*)/s));
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: new Map(pairs.map(([name = '', value = '']) => [name.toLowerCase(), value])),
    body,
    text,
  };
}

/** A body as an object to look into. */
export async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  return Object(await response.json());
}
