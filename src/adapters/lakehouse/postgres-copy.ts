import type { Client } from 'pg';
import { startCopyIn } from '../../db/copy-in.ts';

/** Rows are sent in chunks of about this size. */
const CHUNK_CHARACTERS = 512 * 1024;

/** Sends rows into a table by COPY, waiting whenever the server is slower. */
export interface CopyWriter {
  /** One row in COPY's text format, without its newline. True: enough is waiting, flush before the next. */
  add(line: string): boolean;
  /** Resolves when the rows before these have been taken and these are on their way. */
  flush(): Promise<void>;
  /** Says something when nothing is under way, so that the server knows that somebody is there. */
  touch(): void;
  /** Resolves when the server has taken every row. */
  end(): Promise<void>;
}

/**
 * Every chunk is a COPY of its own that is sent whole: a writer that stops for good leaves the server between two statements, where it
 * does not wait for ever.
 */
export function createCopyWriter(client: Client, statement: string): CopyWriter {
  let chunk = '';
  let underWay: Promise<void> = Promise.resolve();

  async function copy(rows: Buffer) {
    const started = await startCopyIn(client, statement);
    await started.send(rows);
    await started.end();
  }

  async function flush() {
    const rows = Buffer.from(chunk);
    chunk = '';
    await underWay;
    if (rows.length > 0) next(() => copy(rows));
  }

  function next(work: () => Promise<unknown>) {
    underWay = underWay.then(work).then(() => {});
    // Whoever flushes next is told.
    underWay.catch(() => {});
  }
  return {
    add(line) {
      chunk += `${line}\n`;
      return chunk.length >= CHUNK_CHARACTERS;
    },
    flush,
    touch: () => next(() => client.query('select 1')),
    async end() {
      await flush();
      await underWay;
    },
  };
}
