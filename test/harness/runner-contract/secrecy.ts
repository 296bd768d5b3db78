import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Bench, MARK, PASSWORD, recorded, tapOf } from './bench.ts';
import { commandLines } from './left-behind.ts';
import type { SourceStep } from './source-script.ts';
import { HANGING, watch } from './stopping.ts';

/** The password as it is, as JSON and URLs write it, and a part of it. */
const FORMS = [
  PASSWORD,
  JSON.stringify(PASSWORD).slice(1, -1),
  encodeURIComponent(PASSWORD),
  new URLSearchParams([['', PASSWORD]]).toString().slice(1),
  MARK,
];
const TALKATIVE: SourceStep[] = [
  { do: 'say', text: 'login with {password} ...' },
  { do: 'rows', stream: 'deals', from: 1, to: 5 },
  { do: 'state', stream: 'deals', at: 5 },
  { do: 'fail', message: 'the password {password} has expired' },
];

/** The secrets of a config are seen by its source and by nobody else. */
export const secrecyPromises = {
  async 'no secret of the config is in a line of the log or in the outcome of a run'(bench: Bench) {
    const { outcome, lines } = await bench.execute(await bench.newRun(await bench.connector(), TALKATIVE));
    expect(outcome.status).not.toBe('completed');
    expect(lines.join('\n')).toContain('login with');
    expectNoSecret(JSON.stringify([outcome, lines]));
  },

  async 'no secret of the config is in what a check or a discovery answers and logs'(bench: Bench) {
    const refusing: SourceStep[] = [{ do: 'refuse', message: 'the password {password} is wrong' }];
    const tap = tapOf(await bench.newRun(await bench.connector(), refusing));
    const lines: string[] = [];
    const signal = new AbortController().signal;
    const answers = [
      await bench.runner.check(tap, recorded(lines), signal),
      await bench.runner.discover(tap, recorded(lines), signal),
    ];
    expect(answers).toMatchObject([{ ok: false }, { ok: false }]);
    expectNoSecret(JSON.stringify([answers, lines]));
  },

  async 'while the source runs its secrets are on no command line and in no folder that others may read'(
    bench: Bench,
  ) {
    const spec = await bench.newRun(await bench.connector(), HANGING);
    const stop = new AbortController();
    const { hung, log } = watch(bench);
    const settled = Promise.allSettled([bench.execute(spec, { signal: stop.signal, log })]);
    await Promise.race([hung(), settled]);
    const seen = await commandLines();
    const modes = await Promise.all(
      (await readdir(bench.root)).map((name) => modeOf(join(bench.root, name))),
    );
    stop.abort(new Error('enough'));
    await settled;
    expectNoSecret(seen.join('\n'));
    expect(modes.filter((mode) => (mode & 0o077) !== 0)).toEqual([]);
  },

  async 'no secret of a config stays in what the runner keeps on the machine'(bench: Bench) {
    const startedAt = Date.now();
    await bench.execute(await bench.newRun(await bench.connector(), TALKATIVE));
    for (const folder of [bench.root, ...(bench.keeps ?? [])])
      for (const file of await filesSince(folder, startedAt)) expectNoSecret(await readFile(file, 'latin1'));
  },
};

function expectNoSecret(text: string): void {
  for (const form of FORMS) expect(text).not.toContain(form);
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode;
}

/** A file system's clock may be a little behind. */
const CLOCK_MS = 2_000;

async function filesSince(folder: string, sinceMs: number): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return files.filter((_, at) => (times[at] ?? 0) >= sinceMs - CLOCK_MS);
}
