import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** What becomes of one call: it may not arrive, its answer may not come back, or somebody else answers. */
export type Fate =
  | 'pass'
  | 'swallow'
  | 'lose-answer'
  | { status: number; headers?: Record<string, string>; body: string | Buffer | Iterable<Buffer> };

export interface SparkCall {
  /** "ExecuteStatement" */
  name: string;
  /** The whole message: a statement's text stands in it. */
  text: string;
  authorization: string;
}

export interface SparkProxy {
  port: number;
  /** Names of the calls so far, in order. */
  calls: string[];
  close(): Promise<void>;
}

export interface SparkProxyOptions {
  /** May take its time: the call waits, and what is done meanwhile is done before it. */
  decide?: (call: SparkCall) => Fate | Promise<Fate>;
  /** What the server behind it is told instead of what the client said. */
  authorization?: string;
  tls?: { pfx: Buffer; passphrase: string };
}

/** Stands between a client and a Thrift server over HTTP and does to each call what the test says. */
export async function startSparkProxy(
  targetPort: number,
  { decide = () => 'pass', authorization, tls }: SparkProxyOptions = {},
): Promise<SparkProxy> {
  const calls: string[] = [];
  const sockets = new Set<Socket>();

  async function serve(incoming: IncomingMessage, answer: ServerResponse) {
    const body = Buffer.concat(await incoming.toArray());
    const call = callOf(body, incoming);
    calls.push(call.name);
    const fate = await decide(call);
    if (fate === 'swallow') return incoming.socket.destroy();
    if (typeof fate === 'object') return answerBy(fate, answer);
    const headers = { ...incoming.headers, ...(authorization ? { authorization } : {}) };
    const upstream = request({
      host: '127.0.0.1',
      port: targetPort,
      path: incoming.url,
      method: 'POST',
      headers,
    });
    upstream.on('error', () => incoming.socket.destroy());
    upstream.on('response', (given) => {
      if (fate === 'lose-answer') {
        given.resume().on('end', () => incoming.socket.destroy());
        return;
      }
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    upstream.end(body);
  }

  const server = tls ? createTlsServer(tls) : createServer();
  server.on('request', serve);
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    calls,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A strict binary message: version, then the length and the text of its name. */
function callOf(body: Buffer, { headers }: IncomingMessage): SparkCall {
  const size = body.readInt32BE(4);
  return {
    name: body.toString('utf8', 8, 8 + size),
    text: body.toString('utf8'),
    authorization: headers.authorization ?? '',
  };
}

function answerBy(fate: Exclude<Fate, string>, answer: ServerResponse) {
  answer.on('error', () => {}).writeHead(fate.status, fate.headers);
  const chunks = typeof fate.body === 'string' || Buffer.isBuffer(fate.body) ? [fate.body] : fate.body;
  writeAll(answer, chunks[Symbol.iterator]());
}

function writeAll(answer: ServerResponse, chunks: Iterator<string | Buffer>) {
  for (let next = chunks.next(); !next.done; next = chunks.next()) {
    if (answer.destroyed) return;
    if (!answer.write(next.value)) return void answer.once('drain', () => writeAll(answer, chunks));
  }
  answer.end();
}
