import { type MessageOf, readMessage, streamName } from './protocol.ts';
import { createRecordLines } from './record-lines.ts';
import { failureOf } from './source-failures.ts';
import type { SourceRead } from './source-read.ts';
import { createStateLines } from './state-lines.ts';
import { createStreamEnds } from './stream-ends.ts';

/** Turns what a source writes while it reads into Singer messages. */
export interface Translator {
  /** Singer lines for whole lines of the source; '' where there is nothing to pass on. */
  take(lines: string): string;
  /** What follows the last line, when it is known how the source ended. */
  end(endedWell: boolean): string;
  /** Names of streams that were not read to their end. */
  incomplete(): string[];
}

/** Such a line, if it cannot be read, was a row or a bookmark. */
const MEANT = /^\s*\{\s*"type"\s*:\s*"(?:RECORD|STATE)"/;

/** `onNewConfig` is told of a config the source has renewed: its values are secrets too. */
export function createTranslator(
  read: SourceRead,
  onNewConfig: (config: Record<string, unknown>) => void,
): Translator {
  const records = createRecordLines(read);
  const states = createStateLines(read);
  const ends = createStreamEnds(read, states);

  function takeLine(line: string): string {
    if (line.trim() === '') return '';
    const message = readMessage(line);
    switch (message.type) {
      case 'RECORD':
        return records.take(line);
      case 'STATE':
        return states.take(line, message);
      case 'TRACE':
        return takeTrace(message.trace);
      case 'LOG':
        read.log.message(message.log);
        return '';
      case 'CONTROL':
        takeConfig(message);
        return '';
      case 'unreadable':
        takeStray(line);
        return '';
      default:
        return '';
    }
  }

  function takeTrace(trace: MessageOf<'TRACE'>['trace']): string {
    switch (trace.type) {
      case 'STREAM_STATUS':
        return ends.take(trace.stream_status);
      case 'ERROR': {
        const failure = failureOf(trace.error);
        read.failures.push(failure);
        read.log.failure(failure);
        return '';
      }
      case 'ESTIMATE': {
        const { name, namespace = null, row_estimate: rows } = trace.estimate;
        if (rows) read.tellOnce(`[INFO] Stream "${streamName({ name, namespace })}": about ${rows} rows.`);
        return '';
      }
    }
  }

  function takeConfig({ control }: MessageOf<'CONTROL'>): void {
    if (!control.connectorConfig) return;
    onNewConfig(control.connectorConfig.config);
    read.tellOnce(
      '[WARN] The source has renewed its config (a token, most often). It cannot be kept: only you can seal a config. Renew it before the old one expires.',
    );
  }

  function takeStray(line: string): void {
    if (MEANT.test(line)) read.breakOff('A RECORD or STATE line is no JSON, or ends in the middle');
    else read.log.stray(line);
  }

  return {
    take(text) {
      let out = '';
      for (let start = 0; start <= text.length; ) {
        const newline = text.indexOf('\n', start);
        const end = newline === -1 ? text.length : newline;
        out += records.known(text, start, end) ?? takeLine(text.slice(start, end));
        start = end + 1;
      }
      return out;
    },
    end: (endedWell) => {
      const isWhole = endedWell && read.failures.length === 0 && !read.isBroken();
      return ends.end(isWhole) + states.rest();
    },
    incomplete: ends.incomplete,
  };
}
