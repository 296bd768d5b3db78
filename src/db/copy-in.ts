import type { ClientBase, Connection, Submittable } from 'pg';

/** A `COPY .. FROM STDIN` under way. The client is of no other use until it has ended. */
export interface CopyIn {
  /** Sends encoded rows, which must not change before `end` resolves. Waits whenever the server is slower; rejects with its error. */
  send(rows: Buffer): Promise<void>;
  /** Resolves when the server has taken every row and run what follows the COPY; rejects with its error. */
  end(): Promise<void>;
}

/** So much may wait in memory for the server before `send` waits too. */
const MAX_WAITING_BYTES = 256 * 1024;
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/**
 * Starts a COPY. `statement` may hold others before and after it. Rows go out without waiting for the server's word: it
 * ignores those that come after an error.
 */
export async function startCopyIn(client: ClientBase, statement: string): Promise<CopyIn> {
  const copy = copyIn(statement);
  client.query(copy);
  const { stream } = await copy.submitted;
  return {
    async send(rows) {
      await copy.failed();
      stream.cork();
      stream.write(headOf(rows));
      stream.write(rows);
      stream.uncork();
      if (stream.writableLength > MAX_WAITING_BYTES) await Promise.race([drained(stream), copy.done]);
    },
    async end() {
      await copy.failed();
      stream.write(COPY_DONE);
      await copy.done;
    },
  };
}

function headOf(rows: Buffer): Buffer {
  const head = Buffer.alloc(5, 'd');
  head.writeUInt32BE(rows.length + 4, 1);
  return head;
}

function drained(stream: Connection['stream']): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      stream.off('drain', settle).off('close', settle);
      resolve();
    };
    stream.on('drain', settle).on('close', settle);
  });
}

/** The driver's hook for statements that are more than a query: it calls these handlers as the server answers. */
function copyIn(statement: string) {
  const submitted = Promise.withResolvers<Connection>();
  const done = Promise.withResolvers<void>();
  let failure: Error | null = null;
  // Whoever sends next is told; nobody may be waiting at the moment it fails.
  submitted.promise.catch(() => {});
  done.promise.catch(() => {});
  const handlers = {
    submit(connection: Connection) {
      connection.query(statement);
      submitted.resolve(connection);
    },
    handleCopyInResponse() {},
    handleCommandComplete() {},
    handleReadyForQuery: () => (failure ? done.reject(failure) : done.resolve()),
    handleError(error: Error) {
      failure ??= error;
      submitted.reject(error);
      done.reject(error);
    },
  };
  return Object.assign(handlers satisfies Submittable, {
    submitted: submitted.promise,
    done: done.promise,
    failed: async () => {
      if (failure) throw failure;
    },
  });
}
