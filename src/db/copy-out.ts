import type { ClientBase, Connection, Submittable } from 'pg';

/** So many blocks may wait in memory for whoever reads before the server is no longer listened to. */
const MAX_WAITING_BLOCKS = 2;

/**
 * Runs a `COPY .. TO STDOUT` in text format. Answers its rows in blocks of about `blockBytes`, each of whole rows that end in a newline.
 * The server is only listened to as fast as blocks are taken. A connection that dies is an error, never an early end; whoever leaves early
 * has to close the connection.
 */
export async function* copyOut(
  client: ClientBase,
  statement: string,
  blockBytes: number,
): AsyncGenerator<string> {
  const arriving = createArriving(blockBytes);
  client.query(submittable(statement, arriving));
  for (;;) {
    const block = await arriving.take();
    if (block === null) return;
    yield block;
  }
}

type Stream = Connection['stream'];

/** Rows as they arrive, in blocks that are taken one by one. */
function createArriving(blockBytes: number) {
  const blocks: string[] = [];
  let block = Buffer.allocUnsafe(blockBytes);
  let used = 0;
  let stream: Stream | null = null;
  let ended: { error: Error | null } | null = null;
  let wake = () => {};

  function cut() {
    if (used === 0) return;
    blocks.push(block.toString('utf8', 0, used));
    used = 0;
    wake();
    if (blocks.length > MAX_WAITING_BLOCKS) stream?.pause();
  }
  return {
    listen(on: Stream) {
      stream = on;
    },
    /** The bytes are copied: the driver uses its buffer again. */
    row(bytes: Buffer) {
      if (used + bytes.length > block.length) cut();
      if (bytes.length > block.length) block = Buffer.allocUnsafe(bytes.length);
      used += bytes.copy(block, used);
    },
    end(error: Error | null) {
      if (!error) cut();
      ended ??= { error };
      wake();
    },
    async take(): Promise<string | null> {
      while (blocks.length === 0 && !ended) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      if (ended?.error) throw ended.error;
      const taken = blocks.shift() ?? null;
      if (blocks.length <= MAX_WAITING_BLOCKS) stream?.resume();
      return taken;
    },
  };
}

/** The driver's hook for statements that are more than a query: it calls these handlers as the server answers. */
function submittable(statement: string, arriving: ReturnType<typeof createArriving>) {
  let failure: Error | null = null;
  const handlers = {
    submit(connection: Connection) {
      arriving.listen(connection.stream);
      connection.query(statement);
    },
    handleCopyData: ({ chunk }: { chunk: Buffer }) => arriving.row(chunk),
    handleCommandComplete() {},
    handleReadyForQuery: () => arriving.end(failure),
    handleError(error: Error) {
      failure = error;
      arriving.end(error);
    },
  };
  return handlers satisfies Submittable;
}
