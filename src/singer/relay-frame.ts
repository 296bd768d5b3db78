/**
 * What a relayed load answers `ivory target` over their socket, a line each: a state that is durable, the end, or why there is none.
 * The other way go Singer messages as they are.
 */
export type RelayFrame =
  | { kind: 'state'; state: string }
  | { kind: 'done' }
  | { kind: 'failed'; reason: string };

const LETTERS = { state: 'S', done: 'D', failed: 'F' } as const;

export function frameLine(frame: RelayFrame): string {
  switch (frame.kind) {
    case 'state':
      return `${LETTERS.state}${frame.state}\n`;
    case 'done':
      return `${LETTERS.done}\n`;
    case 'failed':
      return `${LETTERS.failed}${frame.reason.replaceAll(/\s+/g, ' ')}\n`;
  }
}

/** null: no frame. */
export function frameOf(line: string): RelayFrame | null {
  const rest = line.slice(1);
  if (line.startsWith(LETTERS.state)) return { kind: 'state', state: rest };
  if (line.startsWith(LETTERS.failed)) return { kind: 'failed', reason: rest };
  return line === LETTERS.done ? { kind: 'done' } : null;
}
