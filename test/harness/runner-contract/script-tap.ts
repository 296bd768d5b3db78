import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  rowOf,
  SCHEMA,
  type ScriptedConfig,
  type SourceStep,
  STREAMS,
  type StreamName,
  stepsIn,
} from './source-script.ts';

/** A Singer tap that does what the script in its config says. */
type Bookmarks = Partial<Record<StreamName, { at: number }>>;

const { values } = parseArgs({
  strict: false,
  options: {
    config: { type: 'string' },
    state: { type: 'string' },
    catalog: { type: 'string' },
    discover: { type: 'boolean' },
  },
});
const config = readJson(String(values.config)) as ScriptedConfig;
const given = values.state ? (readJson(String(values.state)) as { bookmarks?: Bookmarks }) : {};
const bookmarks: Bookmarks = { ...given.bookmarks };
const [first, ...rest] = stepsIn(config);

if (first?.do === 'refuse') fail(first.message);
if (values.discover) print({ streams: STREAMS.map(described) });
else sync(first ? [first, ...rest] : []);

function sync(steps: readonly SourceStep[]): void {
  // before any word of it is heard: whoever waits for one may send a signal at once
  if (steps.some((step) => step.do === 'hang' && step.stubborn)) process.on('SIGTERM', () => {});
  for (const stream of STREAMS)
    print({
      type: 'SCHEMA',
      stream,
      schema: SCHEMA,
      key_properties: ['id'],
      bookmark_properties: ['updated_at'],
    });
  for (const step of steps) {
    take(step);
    if (step.do === 'hang') break;
  }
}

function take(step: SourceStep): void {
  switch (step.do) {
    case 'rows':
      rows(step.stream, step.from, step.to);
      break;
    case 'state':
      bookmarks[step.stream] = { at: step.at };
      print({ type: 'STATE', value: { bookmarks } });
      break;
    case 'say':
      say(step.text);
      break;
    case 'tell-state':
      say(`state ${JSON.stringify(positions(given.bookmarks ?? {}))}`);
      break;
    case 'refuse':
    case 'fail':
      fail(step.message);
      break;
    case 'crash':
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'hang':
      setInterval(() => {}, 60_000);
  }
}

function rows(stream: StreamName, from: number, to: number): void {
  const after = given.bookmarks?.[stream]?.at ?? 0;
  for (let id = Math.max(from, after + 1); id <= to; id++)
    print({ type: 'RECORD', stream, record: rowOf(stream, id) });
}

function positions(all: Bookmarks): Record<string, number> {
  return Object.fromEntries(STREAMS.flatMap((stream) => (all[stream] ? [[stream, all[stream].at]] : [])));
}

function fail(message: string): never {
  say(message);
  process.exit(1);
}

/** In two pieces, so that no chunk need hold the whole of a secret. */
function say(text: string): void {
  const line = `${text.replaceAll('{password}', config.password)}\n`;
  const half = Math.floor(line.length / 2);
  process.stderr.write(line.slice(0, half));
  process.stderr.write(line.slice(half));
}

function print(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function described(stream: StreamName) {
  return {
    stream,
    tap_stream_id: stream,
    key_properties: ['id'],
    replication_key: 'updated_at',
    schema: SCHEMA,
  };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
