import { type Logger, pino } from 'pino';

export type Log = Logger;

export interface LogOptions {
  level: string;
  pretty: boolean;
  role: string;
}

const SECRET_KEYS = [
  'webhook_secret',
  'config_encrypted',
  'authorization',
  'password',
  'secret',
  'token',
  'api_key',
  'config',
];

/** One JSON line per event on stderr: stdout belongs to the commands. Values under a secret's name are never printed. */
export function createLog({ level, pretty, role }: LogOptions): Log {
  return pino(
    {
      level,
      base: { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    },
    pretty
      ? pino.transport({ target: 'pino-pretty', options: { destination: 2, colorize: true } })
      : pino.destination(2),
  );
}
