import { z } from 'zod';
import type { JsonText } from '../../../domain/lossless-json.ts';
import { InvalidError } from '../../../errors.ts';

/** How far a connector has read, by Fivetran's clock. */
export interface FivetranState {
  succeededAt: string | null;
  /** Table -> the latest `_fivetran_synced` read, UTC to the microsecond: "2026-03-28T12:00:00.123456Z". */
  tables: ReadonlyMap<string, string>;
}

const MARK = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

const State = z.object({
  fivetran: z.object({
    succeeded_at: z.string().nullish(),
    tables: z.record(z.string(), z.string().regex(MARK, 'must be a UTC time as 2026-03-28T12:00:00.123456Z')),
  }),
});

/** null and {}: from the start. Throws InvalidError `fivetran.state_invalid`: to start over unasked would load everything again. */
export function parseState(text: JsonText | null): FivetranState | null {
  if (text === null || /^\s*(?:null|\{\s*\})\s*$/.test(text)) return null;
  const parsed = State.safeParse(JSON.parse(text));
  if (parsed.success) {
    const { succeeded_at, tables } = parsed.data.fivetran;
    return { succeededAt: succeeded_at ?? null, tables: new Map(Object.entries(tables)) };
  }
  throw new InvalidError(
    'fivetran.state_invalid',
    `The connector's state is not that of a Fivetran connector: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ').slice(0, 300)}. Correct it, or clear it to load everything again.`,
  );
}

export function printState({ succeededAt, tables }: FivetranState): JsonText {
  const marks = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ fivetran: { succeeded_at: succeededAt, tables: Object.fromEntries(marks) } });
}
