const LINES_KEPT = 5;
const LINE_CHARS = 500;

export interface ErrorTail {
  /** Wraps a reader of lines so that the last ones are kept. */
  watch(next: (line: string) => void): (line: string) => void;
  text(): string;
}

/** The last lines of stderr: what a person reads first when a tap fails. Secrets are taken out before a line is cut, or a half would stay. */
export function createErrorTail(redact: (line: string) => string): ErrorTail {
  const lines: string[] = [];
  return {
    watch: (next) => (line) => {
      lines.push(redact(line).slice(0, LINE_CHARS));
      if (lines.length > LINES_KEPT) lines.shift();
      next(line);
    },
    text: () => lines.join(' | '),
  };
}
