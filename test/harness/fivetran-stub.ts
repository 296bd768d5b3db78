import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A connection as GET /v1/connections/{id} answers it, in the parts Ivory reads. */
export interface StubConnection {
  id: string;
  service: string;
  schema: string;
  paused: boolean;
  schedule_type: string;
  succeeded_at: string | null;
  failed_at: string | null;
  status: {
    setup_state: string;
    sync_state: string;
    update_state: string;
    is_historical_sync: boolean;
    rescheduled_for?: string | null;
    tasks: unknown[];
    warnings: unknown[];
  };
}

/** An answer out of the ordinary: any bytes, no answer at all, or a connection that breaks. */
export type StubReply =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | { hang: true }
  | { drop: true };

export interface FivetranStub {
  url: string;
  /** "GET /v1/connections/abc" in order. */
  requests: string[];
  /** What the connection is like now. */
  connection: StubConnection;
  /** The schema config; null: there is none yet (404). */
  schemas: unknown;
  /** A connection as it was at the start, writing to this schema. */
  reset(schema: string): void;
  /** Changes the connection's own fields and those of its status. */
  become(status: Partial<StubConnection['status']>, fields?: Partial<StubConnection>): void;
  /** Called when a sync is started, before it is answered; by default the connection is `syncing` then. */
  onSync: (() => Promise<void> | void) | null;
  /** Called before each look at the connection, with how many there were since the last start of a sync (the first is 1). */
  onLook: ((nth: number) => Promise<void> | void) | null;
  /** Out of the ordinary answers for the next requests, in order. */
  replies: StubReply[];
  /** Resolves at the next request that gets no answer. */
  hanging(): Promise<void>;
  close(): Promise<void>;
}

export interface StubOptions {
  apiKey?: string;
  apiSecret?: string;
  connectionId?: string;
  schema?: string;
}

export const STUB_KEY = 'stub-key-6fBqW2';
export const STUB_SECRET = 'stub-secret-x9LmPt7Q';
export const STUB_CONNECTION = 'speak_inexpensive';

/** A server on loopback that speaks Fivetran's REST API v1 for one connection, and does with it what the test says. */
export async function startFivetranStub(options: StubOptions = {}): Promise<FivetranStub> {
  const { apiKey = STUB_KEY, apiSecret = STUB_SECRET, connectionId = STUB_CONNECTION } = options;
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  let looks = 0;
  let hangs = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  const stub: FivetranStub = {
    url: '',
    requests: [],
    connection: connectionOf(connectionId, options.schema ?? 'salesforce'),
    schemas: null,
    reset(schema) {
      stub.connection = connectionOf(connectionId, schema);
      stub.replies = [];
      stub.requests = [];
      stub.onSync = null;
      stub.onLook = null;
      looks = 0;
    },
    become(status, fields = {}) {
      Object.assign(stub.connection, fields);
      Object.assign(stub.connection.status, status);
    },
    onSync: null,
    onLook: null,
    replies: [],
    hanging: () => hangs.promise,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const what = `${request.method} ${request.url}`;
    stub.requests.push(what);
    const reply = stub.replies.shift();
    if (reply) return unusual(response, reply);
    if (request.headers.authorization !== authorization)
      return send(response, 401, { code: 'AuthFailed', message: 'Authorization failed' });
    const at = `/v1/connections/${connectionId}`;
    switch (what) {
      case `GET ${at}`:
        looks += 1;
        await stub.onLook?.(looks);
        return send(response, 200, { code: 'Success', data: stub.connection });
      case `POST ${at}/sync`:
        return startSync(response, body);
      case `GET ${at}/schemas`:
        return stub.schemas === null
          ? send(response, 404, { code: 'NotFound_SchemaConfig', message: 'No schema config yet' })
          : send(response, 200, { code: 'Success', data: stub.schemas });
      default:
        return send(response, 404, { code: 'NotFound_Connection', message: 'Cannot find the connection' });
    }
  }

  async function startSync(response: ServerResponse, body: string): Promise<void> {
    if (JSON.parse(body).force !== false)
      return send(response, 400, { code: 'InvalidInput', message: 'This stub is never forced' });
    if (stub.connection.status.sync_state === 'syncing')
      return send(response, 409, { code: 'Conflict', message: 'The connection is syncing' });
    looks = 0;
    if (stub.onSync) await stub.onSync();
    else stub.become({ sync_state: 'syncing' });
    send(response, 200, {
      code: 'Success',
      message: `Sync has been successfully triggered for connection with id '${connectionId}'`,
    });
  }

  function unusual(response: ServerResponse, reply: StubReply): void {
    if ('hang' in reply) {
      hangs.resolve();
      hangs = Promise.withResolvers();
    } else if ('drop' in reply) {
      response.destroy();
    } else {
      send(response, reply.status, reply.body ?? { code: 'Stub', message: 'stub' }, reply.headers);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

function connectionOf(id: string, schema: string): StubConnection {
  return {
    id,
    service: 'salesforce',
    schema,
    paused: false,
    schedule_type: 'manual',
    succeeded_at: '2024-03-01T00:00:00.000000Z',
    failed_at: null,
    status: {
      setup_state: 'connected',
      sync_state: 'scheduled',
      update_state: 'on_schedule',
      is_historical_sync: false,
      tasks: [],
      warnings: [],
    },
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return text;
}
