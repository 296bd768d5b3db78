/** A line a source writes: a message of the protocol, or a text as it stands. */
export type Line = Record<string, unknown> | string;

/** What a played source writes when it is asked, and with what exit code it ends. */
export interface Play {
  streams: Record<string, unknown>[];
  read: Line[];
  exit?: number;
  check?: Line[];
}

/** What a played source asks of its config. */
export const SPECIFICATION = {
  type: 'object',
  properties: {
    play: { type: 'string' },
    token: { type: 'string', airbyte_secret: true, minLength: 8 },
  },
};

/** A config whose source does this. The play is no plain text in it: a redactor would take its words out of the log. */
export function playedConfig(play: Play, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { play: Buffer.from(JSON.stringify(play)).toString('base64'), ...more };
}

export function playIn(config: { play?: string } | null): Play {
  const text = Buffer.from(config?.play ?? '', 'base64').toString('utf8');
  return text === '' ? { streams: [], read: [] } : (JSON.parse(text) as Play);
}

/** Makes a played source log the text of the state it was given: `given state: [..]`. */
export const TELL_STATE = 'TELL_STATE';

const EMITTED_AT = 1_767_225_600_000;

export function record(
  stream: string,
  data: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Line {
  return { type: 'RECORD', record: { stream, data, emitted_at: EMITTED_AT, ...more } };
}

export function streamState(name: string, stream_state: unknown, recordCount?: number): Line {
  const sourceStats = recordCount === undefined ? {} : { sourceStats: { recordCount } };
  const stream = { stream_descriptor: { name }, stream_state };
  return { type: 'STATE', state: { type: 'STREAM', stream, ...sourceStats } };
}

export function status(name: string, status: string): Line {
  const stream_status = { stream_descriptor: { name }, status };
  return { type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: EMITTED_AT, stream_status } };
}

export function failure(
  failure_type: string | null,
  message: string,
  more: Record<string, unknown> = {},
): Line {
  const error = { message, failure_type, ...more };
  return { type: 'TRACE', trace: { type: 'ERROR', emitted_at: EMITTED_AT, error } };
}

export function log(level: string, message: string): Line {
  return { type: 'LOG', log: { level, message } };
}

/** A stream of `{id, name}`. */
export function described(name: string, more: Record<string, unknown> = {}) {
  return {
    name,
    json_schema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } },
    supported_sync_modes: ['full_refresh'],
    ...more,
  };
}

export const KEYED = { source_defined_primary_key: [['id']] };
export const INCREMENTAL = {
  ...KEYED,
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  default_cursor_field: ['id'],
};
