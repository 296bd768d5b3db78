import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InvalidError } from '../../errors.ts';
import { frameOf } from '../../singer/relay-frame.ts';
import { passOn } from './pass-on.ts';
import type { RelayConfig } from './relay-config.ts';

/**
 * Brings stdin to a runner's socket and prints the states it answers, each durable. Throws InvalidError `target.relay_failed` with the
 * runner's reason, or when it went away; what passOn throws.
 */
export async function relayStdin(config: RelayConfig): Promise<void> {
  const socket = await connected(config.socket);
  try {
    await (config.passOn ? passOn(socket) : deliver(socket));
  } finally {
    socket.destroy();
    process.stdin.destroy();
  }
}

async function deliver(socket: Socket): Promise<void> {
  const sent = pipeline(process.stdin, socket, { end: true });
  // a runner that has had enough closes its side: what it said counts
  sent.catch(() => {});
  await answers(socket);
}

async function answers(socket: Readable): Promise<void> {
  for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    const frame = frameOf(line);
    if (frame?.kind === 'done') return;
    if (frame?.kind === 'failed') throw failed(frame.reason);
    if (frame?.kind === 'state') process.stdout.write(`${frame.state}\n`);
  }
  throw failed('The runner that loads went away.');
}

/** By its name from within its folder: an address has room for 100 characters only. */
async function connected(path: string): Promise<Socket> {
  process.chdir(dirname(path));
  const socket = connect({ path: basename(path), allowHalfOpen: true });
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new InvalidError('target.relay_failed', 'No runner listens at relay_socket.', { cause });
  }
  socket.on('error', () => {});
  return socket;
}

function failed(reason: string): InvalidError {
  return new InvalidError('target.relay_failed', reason);
}
