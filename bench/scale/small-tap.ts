import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Rows of one run, and its streams. */
export const ROWS = 10;
export const STREAMS = ['contacts', 'deals'] as const;
export const TAP = 'tap-small';

/**
 * A Singer tap that is a process of its own and costs next to nothing itself: a shell script of two streams with five rows each and a
 * state. It takes its config, its catalog and its state as any tap does, and does not ask for more. What a run costs beside the tap is then
 * what is measured. Answers the path of the list for CUSTOM_TAPS_FILE.
 */
export function writeSmallTap(folder: string): string {
  const taps = join(folder, 'taps');
  mkdirSync(taps);
  const script = join(taps, TAP);
  const lines = STREAMS.flatMap((stream) => [schemaOf(stream), ...recordsOf(stream)]);
  const state = { type: 'STATE', value: { bookmarks: { deals: { id: ROWS } } } };
  const text = [...lines, state].map((message) => JSON.stringify(message)).join('\n');
  writeFileSync(script, `#!/bin/sh\ncat <<'EOF'\n${text}\nEOF\n`);
  chmodSync(script, 0o755);
  const list = join(taps, 'taps.json');
  writeFileSync(
    list,
    JSON.stringify({ [TAP]: { command: ['/bin/sh', script], discover: false, readable: [taps] } }),
  );
  return list;
}

function schemaOf(stream: string) {
  const properties = {
    id: { type: 'integer' },
    name: { type: ['null', 'string'] },
    amount: { type: ['null', 'number'] },
    at: { type: ['null', 'string'], format: 'date-time' },
  };
  return { type: 'SCHEMA', stream, schema: { type: 'object', properties }, key_properties: ['id'] };
}

function recordsOf(stream: string) {
  return Array.from({ length: ROWS / STREAMS.length }, (_, n) => ({
    type: 'RECORD',
    stream,
    record: { id: n + 1, name: `${stream} ${n + 1}`, amount: n + 0.5, at: '2026-01-01T00:00:00Z' },
  }));
}
