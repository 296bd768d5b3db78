import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConflictError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { MetricsPage } from '../ports/metrics.ts';
import type { Health } from '../services/health/health.ts';
import { type Answer, answerFor } from './answers.ts';

export interface OpsOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  health: Health;
  metricsPage: MetricsPage;
  log: Log;
}

export interface OpsServer {
  url: string;
  close(): Promise<void>;
}

/** Whoever asks is a probe: what takes longer is cut. */
const SLOW_CLIENT_MS = 5_000;
const MAX_CONNECTIONS = 100;

/**
 * Serves /healthz, /readyz and /metrics of a process that serves nothing else, to whoever reaches the port.
 * Throws ConflictError `ops.port_in_use`.
 */
export async function serveOps({ host, port, log, ...told }: OpsOptions): Promise<OpsServer> {
  const server = createServer(
    { headersTimeout: SLOW_CLIENT_MS, requestTimeout: SLOW_CLIENT_MS },
    (request, response) => {
      answerFor(request, told).then(
        (answer) => send(response, request, answer),
        (error: unknown) => {
          log.error({ event: 'probe.failed', err: error }, 'a probe could not be answered');
          send(response, request, {
            status: 500,
            contentType: 'application/json',
            body: '{"code":"internal"}',
          });
        },
      );
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listening(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, close: () => closed(server) };
}

function send(
  response: ServerResponse,
  { method }: IncomingMessage,
  { status, contentType, headers, body }: Answer,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const message = `The probes cannot be served on ${host}:${port}: is the port in use, or the host none of this machine? Choose another with --ops-port or OPS_PORT.`;
    throw new ConflictError('ops.port_in_use', message, { cause });
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
