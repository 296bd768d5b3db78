const LINES_KEPT = 5;
const LINE_CHARS = 500;

export interface ErrorTail {
  /** Wraps a reader of lines so that the last ones are kept. */
  watch(next: (line: string) => void): (line: string) => void;
  text(): string;
}

/**
 * The last lines of stderr: what a person reads first when a tap fails; of a Python traceback only the exception's own line. Secrets are
 * taken out before a line is cut, or a half would stay.
 */
export function createErrorTail(redact: (line: string) => string): ErrorTail {
  const lines: string[] = [];
  const isFrame = frameFinder();
  return {
    watch: (next) => (line) => {
      if (!isFrame(line)) lines.push(redact(line).slice(0, LINE_CHARS));
      if (lines.length > LINES_KEPT) lines.shift();
      next(line);
    },
    text: () => lines.join(' | '),
  };
}

const TRACEBACK = /^Traceback \(most recent call last\):/;
const FRAME = /^\s+File ".*", line \d+/;
const BETWEEN = /^(?:During handling of the above exception|The above exception was the direct cause)/;

/** Tells the lines of a traceback that say where: a frame, and what is indented below it up to the exception's line. */
function frameFinder(): (line: string) => boolean {
  let inside = false;
  return (line) => {
    const begins = TRACEBACK.test(line) || FRAME.test(line);
    inside = begins || (inside && /^\s/.test(line));
    return inside || BETWEEN.test(line) || line.trim() === '';
  };
}
