import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataset } from '../shared/dataset.ts';
import { CLI } from '../shared/ivory-process.ts';
import { BrokenBenchmark } from '../shared/outcome.ts';

const NEWLINE = 10;
const STATE = '{"type":"STATE","value":{"bookmarks":{}}}\n';

/** Writes what `ivory tap-files` says of a data set: its SCHEMA, the first `rows` records and a STATE. */
export async function writeSingerFile(path: string, name: string, rows: number): Promise<void> {
  const configPath = `${path}.config.json`;
  writeFileSync(configPath, JSON.stringify(tapConfig(name)));
  const tap = spawn(process.execPath, [CLI, 'tap-files', '--config', configPath], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(tap, 'exit');
  const file = openSync(path, 'w');
  let lines = 0;
  for await (const chunk of tap.stdout) {
    const end = placeAfterLine(chunk, rows + 1 - lines);
    writeSync(file, chunk, 0, end.place);
    lines += end.lines;
    if (lines > rows) break;
  }
  tap.kill('SIGKILL');
  await exited;
  if (lines <= rows) throw new BrokenBenchmark(`${name} has fewer than ${rows} rows`);
  writeSync(file, STATE);
  closeSync(file);
}

export function tapConfig(name: string) {
  const path = dataset(name);
  return {
    root: dirname(path),
    streams: [{ name: 'flights', path: join(path).slice(dirname(path).length + 1) }],
  };
}

/** Where the `wanted`-th line of the chunk ends, or the whole chunk. */
function placeAfterLine(chunk: Buffer, wanted: number): { place: number; lines: number } {
  let [lines, place] = [0, 0];
  while (lines < wanted) {
    const next = chunk.indexOf(NEWLINE, place);
    if (next < 0) return { place: chunk.length, lines };
    lines += 1;
    place = next + 1;
  }
  return { place, lines };
}
