import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Change, changesBetween, type StreamSpec } from './model.ts';
import { countRead, readNow, type TapConfig } from './source-file.ts';

/** A Singer tap over a model source: exactly the changes after its bookmark, a STATE after every chunk. */
const CHUNK = 200;
const FILL_BYTES = 1024 * 1024;
const FILL_FILES = 64;
const FOREVER = 'setInterval(() => {}, 1000)';

const { values } = parseArgs({
  strict: false,
  options: { config: { type: 'string' }, state: { type: 'string' }, catalog: { type: 'string' } },
});
const config = JSON.parse(readFileSync(String(values.config), 'utf8')) as TapConfig;
const state = values.state === undefined ? {} : JSON.parse(readFileSync(String(values.state), 'utf8'));
const bookmarks: Record<string, { seq: number }> = { ...state.bookmarks };
const now = readNow(config.file);
const read = countRead(config.file);

if (config.stubborn) process.on('SIGTERM', () => {});
if (config.family) startFamily();
process.stderr.write(`read ${read} of the source of ${config.source.owner}\n`);
for (const stream of config.source.streams) say(schemaOf(stream));
const ends = fate();
let isBroken = ends === 'refused';
if (isBroken) process.stderr.write('the source refuses\n');
if (ends === 'fills') await fill();
for (const stream of config.source.streams) if (!isBroken) await tell(stream);
// never process.exit: it throws away what the loader has not taken yet
process.exitCode = isBroken ? 1 : 0;

/** Each read of a source has its own fate, the same in every round of a seed. */
function fate(): 'refused' | 'breaks' | 'fills' | 'well' {
  if (read <= config.refusals) return 'refused';
  const drawn = (config.source.seed + read * 7919) % 1009;
  if (now.calm) return 'well';
  if (config.breaksOneIn > 0 && drawn % config.breaksOneIn === 0) return 'breaks';
  return config.fillsOneIn > 0 && drawn % config.fillsOneIn === 1 ? 'fills' : 'well';
}

async function tell(stream: StreamSpec): Promise<void> {
  const from = bookmarks[stream.name]?.seq ?? 0;
  const head = now.heads[stream.name] ?? 0;
  const breaksAt = ends === 'breaks' ? from + Math.ceil((head - from) / 2) : null;
  let at = from;
  for (const change of changesBetween(config.source, stream, { from, to: head })) {
    say(recordOf(stream, change));
    at = change.row.seq;
    if (at % CHUNK === 0 || at === head) await bookmark(stream, at);
    if (at === breaksAt) {
      await bookmark(stream, at);
      process.stderr.write('the source broke off\n');
      isBroken = true;
      return;
    }
  }
}

async function bookmark(stream: StreamSpec, seq: number): Promise<void> {
  bookmarks[stream.name] = { seq };
  const isTaken = say({ type: 'STATE', value: { bookmarks } });
  if (!isTaken) await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
  if (config.paceMs > 0) await wait(config.paceMs);
}

function schemaOf({ name, kind }: StreamSpec) {
  const properties = {
    owner: { type: 'string' },
    id: { type: 'integer' },
    seq: { type: 'integer' },
    amount: { type: 'integer' },
    note: { type: 'string' },
    _sdc_deleted_at: { type: ['null', 'string'], format: 'date-time' },
  };
  const key_properties = kind === 'log' ? [] : ['id'];
  return { type: 'SCHEMA', stream: name, key_properties, schema: { type: 'object', properties } };
}

function recordOf({ name }: StreamSpec, { row, deleted }: Change) {
  const record = deleted ? { ...row, _sdc_deleted_at: new Date().toISOString() } : row;
  return { type: 'RECORD', stream: name, record };
}

function say(message: unknown): boolean {
  return process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A child in the tap's group, whose own child is in a session of its own. */
function startFamily(): void {
  const inner = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(FOREVER)}], {detached: true, stdio: 'ignore'}).unref(); ${FOREVER}`;
  spawn(process.execPath, ['-e', inner], { stdio: 'ignore' }).unref();
}

async function fill(): Promise<void> {
  for (let n = 0; n < FILL_FILES; n++) {
    writeFileSync(join(process.env['TMPDIR'] ?? '.', `fill-${n}`), Buffer.alloc(FILL_BYTES, 1));
    await wait(100);
  }
}
