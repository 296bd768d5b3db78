import { cpus, totalmem } from 'node:os';
import type { Outcome, Side } from './outcome.ts';

/** The outcome for people; its last line is the ratio. */
export function textOf({ name, aim, ratio, ok, sides, notes }: Outcome): string {
  const lines = [`${name}: aim ${aim}`, machine(), ''];
  for (const [side, figures] of Object.entries(sides)) lines.push(`  ${side}`, ...figureLines(figures));
  lines.push('', ...notes.map((note) => `  - ${note}`), '');
  lines.push(`ratio ${ratio ?? 'none: the other side was skipped'}   aim ${ok ? 'met' : 'MISSED'}: ${aim}`);
  return lines.join('\n');
}

function figureLines(side: Side): string[] {
  return Object.entries(side).map(([figure, value]) => {
    const text = typeof value === 'object' ? value.join(' ') : String(value);
    return `    ${figure.padEnd(26)} ${text}`;
  });
}

function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `machine: ${cpus().length} cores, ${memory} GiB, Node ${process.version}`;
}
