import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { until } from '../../harness/until.ts';

/** For a machine that does much else; a test's own time is up before, mostly. */
const GOT_MS = 60_000;

export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
  message: { type: string; timestamp: string; data: Record<string, unknown> };
}

/** What a path does with a request whose body has been read. */
export type Behaviour = (answer: ServerResponse, request: IncomingMessage) => void;

/** A server of a tenant, on this machine, that remembers what it was sent. */
export interface Receiver {
  url(path?: string): string;
  received: Received[];
  /** Waits until so many messages have come to the path, and answers them. */
  got(path: string, count?: number): Promise<Received[]>;
  /** The next requests to the path are answered by these in turn, the last by all that follow. */
  on(path: string, ...behaviours: Behaviour[]): void;
  close(): Promise<void>;
}

export const ok: Behaviour = (answer) => answer.writeHead(204).end();
export const status =
  (code: number, headers: Record<string, string> = {}, text = ''): Behaviour =>
  (answer) =>
    answer.writeHead(code, headers).end(text);
/** Never answers. */
export const hang: Behaviour = () => {};

export async function openReceiver(tls?: { key: string; cert: string }): Promise<Receiver> {
  const received: Received[] = [];
  const behaviours = new Map<string, Behaviour[]>();
  const listener: RequestListener = async (request, answer) => {
    const path = request.url ?? '';
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString('utf8');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    received.push({ path, headers, body, message: JSON.parse(body) });
    const queue = behaviours.get(path) ?? [ok];
    const behave = queue.length > 1 ? queue.shift() : queue[0];
    behave?.(answer, request);
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (path: string) => received.filter((one) => one.path === path);
  return {
    url: (path = '/') => `${tls ? 'https' : 'http'}://127.0.0.1:${port}${path}`,
    received,
    got: (path, count = 1) =>
      until(`${count} messages at ${path}`, () => (at(path).length >= count ? at(path) : null), GOT_MS),
    on: (path, ...all) => void behaviours.set(path, all),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Checks a message as a receiver would, with the specification's own library. Throws when the signature is not the secret's. */
export function verified(secret: string, { body, headers }: Received): unknown {
  return new Webhook(secret).verify(body, headers);
}
