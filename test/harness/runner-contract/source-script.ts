/** What a scripted source does, step by step; then it ends well. The streams are `deals` and `people`. */
export type SourceStep =
  /** Rows of a stream with these ids, without those its bookmark already covers. */
  | { do: 'rows'; stream: StreamName; from: number; to: number }
  /** Everything of the stream up to this id has been written: its new bookmark. */
  | { do: 'state'; stream: StreamName; at: number }
  /** A line of its log; `{password}` stands for the password of its config. */
  | { do: 'say'; text: string }
  /** A line of its log: `state {"deals":50}`, the bookmarks it was given, streams in alphabetical order. */
  | { do: 'tell-state' }
  /** As a first step: it does not accept its config, whatever it is asked. The message may hold `{password}`. */
  | { do: 'refuse'; message: string }
  /** It fails in the middle of a sync: the message on its log, then a bad end. The message may hold `{password}`. */
  | { do: 'fail'; message: string }
  /** It is gone at once, without a word: SIGKILL. */
  | { do: 'crash' }
  /** It does nothing any more; a stubborn one does not heed SIGTERM either. */
  | { do: 'hang'; stubborn?: boolean };

export type StreamName = (typeof STREAMS)[number];
export const STREAMS = ['deals', 'people'] as const;

/** The fields of both streams, with their JSON schemas. `id` is the key, `updated_at` the replication key. */
export const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    name: { type: ['null', 'string'] },
    amount: { type: ['null', 'number'] },
    updated_at: { type: ['null', 'string'], format: 'date-time' },
  },
};

export interface SourceRow {
  id: number;
  name: string;
  amount: number;
  /** ISO 8601 in UTC, whole seconds. */
  updated_at: string;
}

const FIRST_MINUTE = Date.UTC(2026, 0, 1);

/** The row with this id: the same wherever it is made. */
export function rowOf(stream: StreamName, id: number): SourceRow {
  return {
    id,
    name: `${stream} "${id}" \\N é\t😀`,
    amount: id + 0.25,
    updated_at: new Date(FIRST_MINUTE + id * 60_000).toISOString().replace('.000Z', 'Z'),
  };
}

export function rowsOf(stream: StreamName, from: number, to: number): SourceRow[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => rowOf(stream, from + at));
}

/** A config with two secrets of a scripted source. The script is no plain text in it: a redactor would take its words out of the log. */
export interface ScriptedConfig extends Record<string, unknown> {
  script: string;
  password: string;
}

export function scriptedConfig(steps: readonly SourceStep[], password: string): ScriptedConfig {
  return { script: Buffer.from(JSON.stringify(steps)).toString('base64'), password };
}

/** The steps of a config that scriptedConfig made. */
export function stepsIn({ script }: ScriptedConfig): SourceStep[] {
  return JSON.parse(Buffer.from(script, 'base64').toString('utf8')) as SourceStep[];
}
