import type { Client, Connection, Submittable } from 'pg';
import type { LakeValue } from '../../domain/lake-type.ts';
import { InvalidError } from '../../errors.ts';

/** Rows are sent in chunks of about this size. */
const CHUNK_CHARACTERS = 256 * 1024;

/** Sends rows into `COPY .. FROM STDIN` (text format), waiting whenever the server is slower. */
export interface CopyWriter {
  /** True: enough is waiting, flush before the next. Throws InvalidError `lakehouse.value_refused` before anything of the row is sent. */
  write(values: readonly LakeValue[]): boolean;
  /** Resolves when what was written is on its way and little of it is left in memory. */
  flush(): Promise<void>;
  /** Ends the COPY; resolves when the server has taken every row. */
  end(): Promise<void>;
}

/** Starts a COPY. The client is of no other use until it has ended. */
export async function startCopy(client: Client, statement: string): Promise<CopyWriter> {
  const copy = copyIn(statement);
  client.query(copy);
  const connection = await copy.started;
  let chunk = '';

  async function flush() {
    await copy.failed();
    const body = Buffer.from(chunk);
    chunk = '';
    const taken = connection.stream.write(copyMessage(body));
    if (!taken) await Promise.race([drained(connection), copy.done]);
  }
  return {
    write(values) {
      chunk += `${values.map(copyText).join('\t')}\n`;
      return chunk.length >= CHUNK_CHARACTERS;
    },
    flush,
    async end() {
      await flush();
      connection.stream.write(COPY_DONE);
      await copy.done;
    },
  };
}

const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

function copyMessage(body: Buffer): Buffer {
  const head = Buffer.alloc(5, 'd');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function drained({ stream }: Connection): Promise<void> {
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
  const started = Promise.withResolvers<Connection>();
  const done = Promise.withResolvers<void>();
  let failure: Error | null = null;
  // Whoever writes next is told; nobody may be waiting at the moment it fails.
  started.promise.catch(() => {});
  done.promise.catch(() => {});
  const handlers = {
    submit: (connection: Connection) => connection.query(statement),
    handleCopyInResponse: (connection: Connection) => started.resolve(connection),
    handleCommandComplete() {},
    handleReadyForQuery: () => (failure ? done.reject(failure) : done.resolve()),
    handleError(error: Error) {
      failure ??= error;
      started.reject(error);
      done.reject(error);
    },
  };
  return Object.assign(handlers satisfies Submittable, {
    started: started.promise,
    done: done.promise,
    failed: async () => {
      if (failure) throw failure;
    },
  });
}

/** One value in COPY's text format. */
export function copyText(value: LakeValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'object') return `\\\\x${Buffer.from(value).toString('hex')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidError(
      'lakehouse.value_refused',
      'Postgres cannot hold a text with NUL or half a character.',
    );
  }
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    : text;
}
