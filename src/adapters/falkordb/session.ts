import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { InvalidError } from '../../errors.ts';
import { translated } from './falkordb-errors.ts';
import { createRespReader, type Resp, type RespReader } from './resp-reader.ts';

const DEFAULT_PORT = 6379;
/** Of a session that goes on without an answer: the server's own limit comes first. */
const GRACE_MS = 5_000;

export interface Login {
  user: string;
  password: string;
}

export interface Session {
  /** Sends a command and answers the whole of what comes back. */
  call(...command: string[]): Promise<Resp>;
  /** Sends a command; what comes back is for the reader. */
  send(...command: string[]): RespReader;
}

export interface SessionOptions {
  url: string;
  login: Login;
  signal: AbortSignal;
  timeoutMs: number;
}

/**
 * A connection of its own, logged in, for `work`; cut at the end. A query the server is at work on goes on there until its TIMEOUT: FalkorDB
 * does not look whether anybody still waits. Throws InvalidError `foundry.timeout` and `foundry.query_failed`, UnavailableError
 * `foundry.store_unavailable`, and what the signal was aborted with.
 */
export async function withSession<T>(
  { url, login, signal, timeoutMs }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const late = AbortSignal.timeout(timeoutMs + GRACE_MS);
  const ended = AbortSignal.any([signal, late]);
  const socket = socketTo(url);
  socket.on('error', () => {});
  const cut = () => socket.destroy();
  ended.addEventListener('abort', cut, { once: true });
  try {
    await once(socket, url.startsWith('rediss:') ? 'secureConnect' : 'connect', {
      signal: ended,
    });
    const session = sessionOn(socket);
    await session.call('AUTH', login.user, login.password);
    return await work(session);
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted)
      throw new InvalidError('foundry.timeout', `The query took longer than ${timeoutMs / 1000} s.`);
    throw translated(error);
  } finally {
    ended.removeEventListener('abort', cut);
    socket.destroy();
  }
}

function socketTo(url: string): Socket {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: Number(port) || DEFAULT_PORT };
  return protocol === 'rediss:' ? connectSecurely({ ...place, servername: host }) : connect(place);
}

function sessionOn(socket: Socket): Session {
  const reader = createRespReader(socket);
  const send = (...command: string[]) => {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    socket.write(`*${command.length}\r\n${parts.join('')}`);
    return reader;
  };
  return { send, call: (...command) => send(...command).value() };
}
