import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ClientAddresses } from './limits/client-address.ts';
import { boundConnections, CONNECTION_LIMITS, type ConnectionLimits } from './limits/connections.ts';
import { answerProblem, endWithProblem } from './limits/raw-answer.ts';
import {
  expectationFailed,
  MAX_HEADER_BYTES,
  MAX_HEADERS,
  methodRefused,
  refusalOf,
  refusalOfFault,
  tooManyConnections,
} from './limits/refused-requests.ts';

export interface ServerTimes {
  /** Until a request's headers are there, and until it is there whole. */
  headersMs: number;
  requestMs: number;
  /** Until the next request of a connection. */
  keepAliveMs: number;
  /** How long a client may take nothing of an answer that waits for it. */
  stallMs: number;
}

/** Kept open a little longer than the usual proxy keeps its own connections (60 s), so that it is never the one surprised. */
export const SERVER_TIMES: ServerTimes = {
  headersMs: 15_000,
  requestMs: 60_000,
  keepAliveMs: 65_000,
  stallMs: 30_000,
};

export interface HttpServerOptions {
  clients: ClientAddresses;
  connections?: Partial<ConnectionLimits>;
  times?: Partial<ServerTimes>;
  log: Log;
}

const MAX_REQUESTS_PER_SOCKET = 1_000;

/** A server that refuses what is no sound HTTP/1.1, cuts clients that are too slow to send or to read, and bounds connections. */
export function createHttpServer(listener: RequestListener, options: HttpServerOptions): Server {
  const { clients, log } = options;
  const times = { ...SERVER_TIMES, ...options.times };
  const server = createServer({
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: Math.ceil(times.headersMs / 5),
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    // said in our own words
    requireHostHeader: false,
  });
  // one more, to see that there are too many: Node would drop the rest in silence
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  const limits = { ...CONNECTION_LIMITS, ...options.connections };
  const connections = boundConnections(server, clients, limits, (socket) =>
    end(socket, tooManyConnections()),
  );

  function end(socket: Socket, refusal: AppError): void {
    log.debug(
      { event: 'connection.ended', code: refusal.code, address: socket.remoteAddress },
      'a connection was ended',
    );
    endWithProblem(socket, refusal);
  }

  server.on('request', (request, response) => {
    if (!connections.began(request, response)) {
      request.socket.destroy();
      return;
    }
    const refusal = refusalOf(request);
    if (refusal) answerProblem(response, refusal);
    else listener(request, response);
  });
  server.on('checkExpectation', (_request, response) => answerProblem(response, expectationFailed()));
  server.on('connect', (request, socket: Socket) => end(socket, methodRefused(request.method ?? 'CONNECT')));
  server.on('clientError', (fault, socket: Socket) => {
    if (isGone(fault) || connections.answerOf(socket)?.headersSent) socket.destroy();
    else end(socket, refusalOfFault(fault));
  });
  cutStalled(server, times.stallMs, {
    isAnswering: (socket) => connections.answerOf(socket) !== null,
    onCut: (socket) =>
      log.debug(
        { event: 'connection.stalled', address: socket.remoteAddress },
        'a connection on which nothing moved was cut',
      ),
  });
  return server;
}

/** A connection on which nothing moves is given up, unless it is us whom the client waits for. Node itself sees to slow but moving writes. */
function cutStalled(
  server: Server,
  stallMs: number,
  { isAnswering, onCut }: { isAnswering(socket: Socket): boolean; onCut(socket: Socket): void },
): void {
  server.timeout = stallMs;
  server.on('timeout', (socket: Socket) => {
    if (isAnswering(socket) && socket.writableLength === 0) {
      socket.setTimeout(stallMs);
      return;
    }
    onCut(socket);
    socket.destroy();
  });
}

function isGone(fault: Error): boolean {
  const code = 'code' in fault ? fault.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}
