import { existsSync, readFileSync } from 'node:fs';

export interface LogLine {
  level: number;
  msg: string;
  tenantId?: string;
  connectorId?: string;
  runId?: string;
}

/** The log of a process: its JSON lines, and what is none. A process that is killed may leave half a line. */
export function readLog(path: string): { lines: LogLine[]; strange: string[] } {
  const lines: LogLine[] = [];
  const strange: string[] = [];
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  for (const line of text.split('\n').filter((one) => one !== '')) {
    try {
      lines.push(JSON.parse(line) as LogLine);
    } catch {
      if (!line.startsWith('{"level"')) strange.push(line);
    }
  }
  return { lines, strange };
}
