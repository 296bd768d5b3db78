import { type Logger, pino } from 'pino';
import { createLoggable } from './log/loggable.ts';
import { createScrubber } from './log/scrub.ts';

export type Log = Logger;

export interface LogOptions {
  level: string;
  pretty: boolean;
  role: string;
  /** This process' own passwords and keys: they are taken out of every text. */
  secrets?: readonly string[];
}

/** Names that lines are about, the same in every process. Bound to a log by `child`, or given with a line. */
export interface LogIds {
  tenant_id?: string;
  connector_id?: string;
  run_id?: string;
  task_id?: string;
  mapping_job_id?: string;
  request_id?: string;
  trace_id?: string;
  pool?: string;
  job?: string;
  attempt?: number;
}

/**
 * One JSON line per event on stderr: stdout belongs to the commands. A line has `event`, a stable name (docs/observability.md), and snake_case
 * keys. Whatever is given, no line shows a secret, the parameters of a query or more than the beginning of a text: see `src/log/`.
 */
export function createLog({ level, pretty, role, secrets = [] }: LogOptions): Log {
  const scrub = createScrubber(secrets);
  return pino(
    {
      level,
      base: { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: createLoggable(scrub) },
      // the formatter has made them what they are to be
      serializers: { err: (value) => value },
      hooks: {
        logMethod(args, method) {
          const [first, ...rest] = args;
          const cleaned = rest.map((text) => (typeof text === 'string' ? scrub(text) : text));
          method.apply(this, [typeof first === 'string' ? scrub(first) : first, ...cleaned] as typeof args);
        },
      },
    },
    pretty
      ? pino.transport({ target: 'pino-pretty', options: { destination: 2, colorize: true } })
      : pino.destination(2),
  );
}
