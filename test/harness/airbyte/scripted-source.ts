import {
  rowOf,
  SCHEMA,
  type ScriptedConfig,
  type SourceStep,
  STREAMS,
  type StreamName,
  stepsIn,
} from '../runner-contract/source-script.ts';
import { print, sourceArguments } from './source-arguments.ts';

/** A source of the Airbyte protocol that does what the script in its config says. */
const { command, config, state } = sourceArguments<ScriptedConfig>();
const given = new Map(
  (JSON.parse(state ?? '[]') as StreamState[]).map(({ stream }) => [
    stream.stream_descriptor.name,
    stream.stream_state.at,
  ]),
);
const [first, ...rest] = config ? stepsIn(config) : [];

interface StreamState {
  stream: { stream_descriptor: { name: StreamName }; stream_state: { at: number } };
}

if (command === 'spec') print(specification());
else if (command === 'check') check();
else if (first?.do === 'refuse') fail(first.message);
else if (command === 'discover') print({ type: 'CATALOG', catalog: { streams: STREAMS.map(described) } });
else read(first ? [first, ...rest] : []);

function specification() {
  const properties = {
    script: { type: 'string' },
    password: { type: 'string', airbyte_secret: true },
  };
  return {
    type: 'SPEC',
    spec: { connectionSpecification: { type: 'object', required: ['script', 'password'], properties } },
  };
}

function check(): void {
  const connectionStatus =
    first?.do === 'refuse'
      ? { status: 'FAILED', message: withPassword(first.message) }
      : { status: 'SUCCEEDED' };
  print({ type: 'CONNECTION_STATUS', connectionStatus });
}

function read(steps: readonly SourceStep[]): void {
  for (const stream of STREAMS) tellStatus(stream, 'STARTED');
  for (const step of steps) take(step);
  if (!steps.some((step) => step.do === 'hang')) for (const stream of STREAMS) tellStatus(stream, 'COMPLETE');
}

function take(step: SourceStep): void {
  switch (step.do) {
    case 'rows':
      rows(step.stream, step.from, step.to);
      break;
    case 'state':
      tellState(step.stream, step.at);
      break;
    case 'say':
      say(step.text);
      break;
    case 'tell-state':
      say(`state ${JSON.stringify(Object.fromEntries([...given].sort()))}`);
      break;
    case 'hang':
      hang(step.stubborn ?? false);
      break;
    case 'crash':
      process.kill(process.pid, 'SIGKILL');
      break;
    default:
      fail(step.message);
  }
}

function rows(stream: StreamName, from: number, to: number): void {
  const after = given.get(stream) ?? 0;
  for (let id = Math.max(from, after + 1); id <= to; id++)
    print({ type: 'RECORD', record: { stream, data: rowOf(stream, id), emitted_at: 1_767_225_600_000 } });
}

function tellState(name: StreamName, at: number): void {
  const stream = { stream_descriptor: { name }, stream_state: { at } };
  print({ type: 'STATE', state: { type: 'STREAM', stream } });
}

function tellStatus(name: StreamName, status: string): void {
  const stream_status = { stream_descriptor: { name }, status };
  print({ type: 'TRACE', trace: { type: 'STREAM_STATUS', emitted_at: 0, stream_status } });
}

function say(text: string): void {
  print({ type: 'LOG', log: { level: 'INFO', message: withPassword(text) } });
}

function fail(message: string): never {
  process.stderr.write(`${withPassword(message)}\n`);
  process.exit(1);
}

function hang(isStubborn: boolean): void {
  if (isStubborn) process.on('SIGTERM', () => {});
  setInterval(() => {}, 60_000);
}

function withPassword(text: string): string {
  return text.replaceAll('{password}', config?.password ?? '');
}

function described(name: StreamName) {
  return {
    name,
    json_schema: SCHEMA,
    supported_sync_modes: ['full_refresh', 'incremental'],
    source_defined_cursor: true,
    default_cursor_field: ['updated_at'],
    source_defined_primary_key: [['id']],
  };
}
