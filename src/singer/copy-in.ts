import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ReservedSql } from 'postgres';

/**
 * Runs one COPY ... FROM STDIN to its end. Rejects with the server's own error, also when it comes after the last chunk was
 * sent: postgres.js answers the query when COPY begins and then waits for ever on such an error, so its reject is listened to.
 */
export async function copyIn(
  connection: ReservedSql,
  statement: string,
  chunks: readonly Buffer[],
): Promise<void> {
  const query = connection.unsafe(statement);
  const failed = serverError(query);
  const stream = await query.writable();
  endQuietly(stream);
  const ended = finished(stream);
  ended.catch(() => {});
  const sent = (async () => {
    for (const chunk of chunks) if (!stream.write(chunk)) await once(stream, 'drain');
    stream.end();
    await ended;
  })();
  try {
    await Promise.race([sent, failed]);
  } catch (error) {
    sent.catch(() => {});
    stream.destroy();
    throw error;
  }
}

/** The driver's stream sends a needless CopyFail when it is done, and the next statement then waits 40 ms for its TCP acknowledgement. */
function endQuietly(stream: Writable): void {
  const fail = stream._destroy.bind(stream);
  stream._destroy = (error, done) => (error ? fail(error, done) : done(null));
}

function serverError(query: object): Promise<never> {
  const original: unknown = Reflect.get(query, 'reject');
  const failed = new Promise<never>((_resolve, reject) => {
    Reflect.set(query, 'reject', (error: unknown) => {
      reject(error);
      if (typeof original === 'function') original(error);
    });
  });
  failed.catch(() => {});
  return failed;
}
