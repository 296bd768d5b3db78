import { once } from 'node:events';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { AppError, InvalidError } from '../../errors.ts';
import { createTableWatch } from '../../singer/shared-tables.ts';

const NEWLINE = 10;
const SCHEMA = '"SCHEMA"';

/**
 * Hands stdin on to stdout as it is and shows it to a runner, which counts. Both readers are waited for: neither gets ahead of the other.
 * Throws InvalidError `target.relay_failed` when one went away, and `loader.table_collision` before the loader reads of it.
 */
export async function passOn(socket: Socket): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  try {
    await pipeline(process.stdin, (messages) => judged(shown(messages, socket)), process.stdout, {
      end: false,
      signal: gone.signal,
    });
  } catch (cause) {
    if (!(cause instanceof AppError))
      throw new InvalidError('target.relay_failed', 'The runner or the loader went away.', { cause });
    await ended(socket);
    throw cause;
  }
  await ended(socket);
}

/** What has been shown arrives: a runner has to find what is wrong by itself. */
async function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  socket.end();
  await Promise.race([once(socket, 'finish'), once(socket, 'close')]);
}

async function* shown(messages: AsyncIterable<Buffer>, socket: Socket): AsyncGenerator<Buffer> {
  for await (const chunk of messages) {
    if (!socket.write(chunk)) await once(socket, 'drain');
    yield chunk;
  }
}

/** Whole lines, held until they are known to harm nobody. */
async function* judged(messages: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const watch = createTableWatch();
  let unfinished: Buffer[] = [];
  for await (const chunk of messages) {
    const cut = chunk.lastIndexOf(NEWLINE) + 1;
    if (cut > 0) {
      yield lines([...unfinished, chunk.subarray(0, cut)]);
      unfinished = [];
    }
    if (cut < chunk.length) unfinished.push(chunk.subarray(cut));
  }
  if (unfinished.length > 0) yield lines(unfinished);

  function lines(pieces: Buffer[]): Buffer {
    const [only] = pieces;
    const all = pieces.length === 1 && only ? only : Buffer.concat(pieces);
    if (all.includes(SCHEMA)) for (const line of all.toString('utf8').split('\n')) watch(line);
    return all;
  }
}
