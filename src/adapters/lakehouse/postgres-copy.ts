import type { Client } from 'pg';
import { startCopyIn } from '../../db/copy-in.ts';
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
  const copy = await startCopyIn(client, statement);
  let chunk = '';

  async function flush() {
    const rows = Buffer.from(chunk);
    chunk = '';
    await copy.send(rows);
  }
  return {
    write(values) {
      chunk += `${values.map(copyText).join('\t')}\n`;
      return chunk.length >= CHUNK_CHARACTERS;
    },
    flush,
    async end() {
      await flush();
      await copy.end();
    },
  };
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
