/** The last lines of a log, bounded in characters. */
export interface LogTail {
  add(line: string): void;
  text(): string;
  /** Lines ever added: the last one kept has this number. */
  lines(): number;
}

const MAX_LINE_CHARS = 4_000;

/** Goes on from what an earlier attempt left. */
export function createLogTail(maxChars = 64_000, before = { text: '', lines: 0 }): LogTail {
  const kept = before.text === '' ? [] : before.text.split('\n');
  let chars = before.text.length;
  let count = before.lines;
  return {
    add(line) {
      const clean = cleaned(line);
      kept.push(clean);
      count += 1;
      chars += clean.length + 1;
      while (chars > maxChars && kept.length > 1) chars -= (kept.shift() ?? '').length + 1;
    },
    text: () => kept.join('\n'),
    lines: () => count,
  };
}

/** A line that Ivory itself says, told apart from those of taps. */
export function ownLine(at: Date, text: string): string {
  return `[ivory ${at.toISOString().slice(0, 19)}Z] ${text}`;
}

/** One line of text that Postgres can keep: it has no NUL. */
function cleaned(line: string): string {
  const text = line
    .replaceAll('\0', '')
    .replaceAll(/\r?\n|\r/g, ' ')
    .toWellFormed();
  return text.length > MAX_LINE_CHARS ? `${text.slice(0, MAX_LINE_CHARS)} ... (line cut)` : text;
}
