import { z } from 'zod';

/** A line Meltano logs, understood. */
export type LogEntry =
  /** What a plugin wrote on its stderr. */
  | { kind: 'plugin'; plugin: string; level: string; text: string }
  /** How the pipeline ended. */
  | { kind: 'end'; exitCodes: ExitCodes; reason: string | null }
  /** Meltano's own words. */
  | { kind: 'meltano'; level: string; text: string };

/** Exit codes that are not 0, negative for a signal. */
export interface ExitCodes {
  tap: number | null;
  loader: number | null;
}

const Line = z.object({
  event: z.string(),
  level: z.string().default('info'),
  stdio: z.string().optional(),
  name: z.string().optional(),
  err: z.string().nullish(),
  exit_codes: z
    .union([z.object({ extractors: z.int().optional(), loaders: z.int().optional() }), z.array(z.unknown())])
    .nullish(),
});

/** Reads a line of `meltano --log-format json`. What is none is taken as words of Meltano's. */
export function logEntry(line: string): LogEntry {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) return { kind: 'meltano', level: 'info', text: line };
  const { event, level, stdio, name, exit_codes: codes, err } = parsed.data;
  const text = event.trimEnd();
  if (stdio !== undefined && name !== undefined) return { kind: 'plugin', plugin: name, level, text };
  if (codes === undefined || codes === null) return { kind: 'meltano', level, text };
  const { extractors, loaders } = Array.isArray(codes) ? {} : codes;
  const exitCodes = { tap: extractors ?? null, loader: loaders ?? null };
  return { kind: 'end', exitCodes, reason: err ?? null };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
