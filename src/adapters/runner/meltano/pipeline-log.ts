import { createErrorTail, type ErrorTail } from '../process/error-tail.ts';
import type { Redact } from '../process/redaction.ts';
import { type ExitCodes, logEntry } from './meltano-log.ts';

/** What is kept of a pipeline's log, and what it means for the run. */
export interface PipelineLog {
  /** Takes a line of Meltano's stderr. */
  take(line: string): void;
  /** null: Meltano did not get as far as saying it. */
  end(): PipelineEnd | null;
  /** The last words of the tap, of the loader, of Meltano itself. */
  lastWords(of: Speaker): string;
}

export type Speaker = 'tap' | 'loader' | 'meltano';

export interface PipelineEnd {
  exitCodes: ExitCodes;
  /** Meltano's words for it, secrets taken out. */
  reason: string;
}

export interface PipelineLogOptions {
  /** The tap's name: other plugins serve the loading. */
  tapName: string;
  redact: Redact;
  log(line: string): void;
}

/** Shows the lines of the plugins, each with its plugin and its level, and of Meltano's own only what is wrong. */
export function createPipelineLog({ tapName, redact, log }: PipelineLogOptions): PipelineLog {
  const tails: Record<Speaker, ErrorTail> = {
    tap: createErrorTail(redact),
    loader: createErrorTail(redact),
    meltano: createErrorTail(redact),
  };
  let end: PipelineEnd | null = null;
  return {
    take(line) {
      const entry = logEntry(line);
      switch (entry.kind) {
        case 'plugin':
          return say(entry.plugin === tapName ? 'tap' : 'loader', entry.plugin, entry);
        case 'end':
          end = { exitCodes: entry.exitCodes, reason: redact(entry.reason ?? '') };
          return;
        case 'meltano':
          if (isWrong(entry.level)) say('meltano', 'meltano', entry);
      }
    },
    end: () => end,
    lastWords: (speaker) => tails[speaker].text(),
  };

  function say(speaker: Speaker, name: string, { level, text }: { level: string; text: string }): void {
    // Meltano repeats all a failed discovery has said, behind its own first line.
    const lines = speaker === 'meltano' ? text.split('\n').slice(0, 1) : text.split('\n');
    for (const line of lines) {
      tails[speaker].watch(() => {})(line);
      log(`${name} ${level}: ${redact(line)}`);
    }
  }
}

function isWrong(level: string): boolean {
  return level === 'error' || level === 'critical';
}
