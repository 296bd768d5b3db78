/** The last lines of a log, bounded in bytes. */
export interface LogTail {
  add(line: string): void;
  text(): string;
}

const MAX_LINE_CHARS = 4_000;

export function createLogTail(maxChars = 64_000): LogTail {
  const lines: string[] = [];
  let chars = 0;
  return {
    add(line) {
      const kept = line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS)} ... (line cut)` : line;
      lines.push(kept);
      chars += kept.length + 1;
      while (chars > maxChars && lines.length > 1) chars -= (lines.shift() ?? '').length + 1;
    },
    text: () => lines.join('\n'),
  };
}
