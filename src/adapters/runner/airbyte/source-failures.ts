import { streamName, type TraceError } from './protocol.ts';

/** What a source itself says went wrong. */
export interface SourceFailure {
  code: string;
  message: string;
  /** null: the whole source. */
  stream: string | null;
  /** For the log alone. */
  stackTrace: string | null;
}

const KINDS: Record<string, { code: string; lead: string }> = {
  config_error: { code: 'source.config_error', lead: 'The source refuses its config' },
  transient_error: {
    code: 'source.transient_error',
    lead: 'The source has an error that may pass by itself',
  },
  system_error: { code: 'source.system_error', lead: 'The source failed' },
};
const SYSTEM = { code: 'source.system_error', lead: 'The source failed' };
const MOST_CHARACTERS = 2_000;

/** A TRACE ERROR as a typed failure. Not redacted. */
export function failureOf(error: TraceError): SourceFailure {
  const { code, lead } = KINDS[error.failure_type ?? ''] ?? SYSTEM;
  const stream = error.stream_descriptor ? streamName(error.stream_descriptor) : null;
  const place = stream === null ? '' : ` (stream "${stream}")`;
  return {
    code,
    message: `${lead}${place}: ${wordsOf(error)}`,
    stream,
    stackTrace: error.stack_trace ?? null,
  };
}

function wordsOf({ message, internal_message: internal }: TraceError): string {
  const shown = message?.trim() || 'no reason given';
  const more = internal?.trim() ?? '';
  const said = more === '' || shown.includes(more) ? shown : `${shown} (${more})`;
  return said.length > MOST_CHARACTERS ? `${said.slice(0, MOST_CHARACTERS)} ...` : said;
}
