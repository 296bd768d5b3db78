import { InvalidError } from '../errors.ts';

/** Longest identifier Postgres keeps, in bytes: it cuts the rest off. */
const MAX_BYTES = 63;
/** As taps begin a record nearly always; what comes after it may be long and need not be parsed. */
const USUAL_ROW = /^\{"type": ?"RECORD"/;

/**
 * Looks at the lines of a Singer stream on their way to MeltanoLabs' target-postgres, which names a table by what follows the last "-" of
 * the stream's name and would merge the rows of two streams that end alike. Throws InvalidError `loader.table_collision` at the second's
 * SCHEMA message, before any of its rows.
 */
export function createTableWatch(): (line: string) => void {
  const streams = new Map<string, string>();
  return (line) => {
    const stream = streamOfSchema(line);
    if (stream === null) return;
    const table = tableOf(stream);
    const first = streams.get(table) ?? stream;
    if (first !== stream) throw collision(table, first, stream);
    streams.set(table, stream);
  };
}

function streamOfSchema(line: string): string | null {
  if (!line.includes('"SCHEMA"') || USUAL_ROW.test(line)) return null;
  try {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null) return null;
    if (!('type' in message && message.type === 'SCHEMA' && 'stream' in message)) return null;
    return typeof message.stream === 'string' ? message.stream : null;
  } catch {
    return null;
  }
}

function tableOf(stream: string): string {
  return Buffer.from(stream.slice(stream.lastIndexOf('-') + 1))
    .subarray(0, MAX_BYTES)
    .toString('utf8');
}

function collision(table: string, first: string, second: string): InvalidError {
  const what = `target-postgres would write the streams "${first}" and "${second}" into one table "${table}"`;
  return new InvalidError(
    'loader.table_collision',
    `${what}. Use MELTANO_LOADER=ivory, which keeps them apart, or select one of them.`,
  );
}
