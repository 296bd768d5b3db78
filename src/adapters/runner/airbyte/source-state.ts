import { type JsonText, parseLossless } from '../../../domain/lossless-json.ts';
import { isObject, type JsonObject } from '../../../singer/json-schema.ts';
import type { StreamDescriptor } from './protocol.ts';

/** A full refresh that has not come to its end: the table version of its rows and how many there are. */
export interface Refresh {
  version: number;
  rows: number;
}

/**
 * A source's state as a connector's tap_state keeps it: `{"airbyte": [<state messages>], "refreshes": {<stream>: {version, rows}}}`, always
 * whole. States of streams are merged by their descriptor; a GLOBAL or LEGACY state replaces all before it.
 */
export interface SourceState {
  /** What `--state` takes, as text; null: nothing. */
  forSource(): JsonText | null;
  /** Takes the state of a STATE message, its numbers lossless. */
  take(state: JsonObject): void;
  has(stream: StreamDescriptor): boolean;
  forget(stream: StreamDescriptor): void;
  /** The refresh of a stream that an earlier run began. */
  refreshOf(name: string): Refresh | null;
  /** The tap_state, with the refreshes that are open. */
  text(refreshes: Record<string, Refresh>): JsonText;
}

type Held =
  /** JSON of each state message by its stream. */
  | { kind: 'streams'; byStream: Map<string, JsonText> }
  | { kind: 'global'; rest: JsonObject; byStream: Map<string, JsonText> }
  | { kind: 'legacy'; state: JsonObject }
  /** Of no shape that is known here: goes back as it came. */
  | { kind: 'foreign'; text: JsonText };

export function openSourceState(saved: JsonText | null): SourceState {
  let held: Held = { kind: 'streams', byStream: new Map() };
  const { messages, refreshes, foreign } = readSaved(saved);
  if (foreign !== null) held = { kind: 'foreign', text: foreign };
  for (const message of messages) take(message);

  function take(state: JsonObject): void {
    const { sourceStats: _source, destinationStats: _destination, ...message } = state;
    if (isObject(message['global'])) held = globalState(message, message['global']);
    else if (isObject(message['stream'])) takeStream(message, message['stream']);
    else held = { kind: 'legacy', state: message };
  }

  function takeStream(message: JsonObject, stream: JsonObject): void {
    const key = keyOf(stream['stream_descriptor']);
    if (held.kind === 'global') held.byStream.set(key, JSON.stringify(stream));
    else if (held.kind === 'streams') held.byStream.set(key, JSON.stringify(message));
    else held = { kind: 'streams', byStream: new Map([[key, JSON.stringify(message)]]) };
  }

  function list(): JsonText[] {
    if (held.kind === 'streams') return [...held.byStream.values()];
    if (held.kind === 'legacy') return [JSON.stringify(held.state)];
    return held.kind === 'global' ? [globalText(held)] : [];
  }

  return {
    forSource() {
      if (held.kind === 'foreign') return held.text;
      if (held.kind === 'legacy' && isObject(held.state['data'])) return JSON.stringify(held.state['data']);
      const messages = list();
      return messages.length === 0 ? null : `[${messages.join(',')}]`;
    },
    take,
    has: (stream) => 'byStream' in held && held.byStream.has(keyOf(stream)),
    forget: (stream) => void ('byStream' in held && held.byStream.delete(keyOf(stream))),
    refreshOf: (name) => refreshes.get(name) ?? null,
    text(open) {
      const more = Object.keys(open).length > 0 ? `,"refreshes":${JSON.stringify(open)}` : '';
      return `{"airbyte":[${list().join(',')}]${more}}`;
    },
  };
}

function globalState(message: JsonObject, { stream_states: streams, ...shared }: JsonObject): Held {
  const entries = (Array.isArray(streams) ? streams : []).filter(isObject);
  return {
    kind: 'global',
    rest: { ...message, global: shared },
    byStream: new Map(entries.map((entry) => [keyOf(entry['stream_descriptor']), JSON.stringify(entry)])),
  };
}

function globalText({ rest, byStream }: Extract<Held, { kind: 'global' }>): JsonText {
  const shared = JSON.stringify(rest['global']).slice(1, -1);
  const streams = `"stream_states":[${[...byStream.values()].join(',')}]`;
  const { global: _, ...others } = rest;
  const head = JSON.stringify(others).slice(1, -1);
  return `{${head}${head ? ',' : ''}"global":{${shared}${shared ? ',' : ''}${streams}}}`;
}

function keyOf(descriptor: unknown): string {
  const { name, namespace } = isObject(descriptor) ? descriptor : {};
  return JSON.stringify([namespace ?? null, name ?? null]);
}

interface Saved {
  messages: JsonObject[];
  refreshes: Map<string, Refresh>;
  foreign: JsonText | null;
}

function readSaved(saved: JsonText | null): Saved {
  const value = saved === null ? { airbyte: [] } : parseLossless(saved);
  if (!isObject(value) || !Array.isArray(value['airbyte']))
    return { messages: [], refreshes: new Map(), foreign: saved };
  const refreshes = isObject(value['refreshes']) ? value['refreshes'] : {};
  return {
    messages: value['airbyte'].filter(isObject),
    refreshes: new Map(
      Object.entries(refreshes).flatMap(([name, refresh]) =>
        isObject(refresh) && typeof refresh['version'] === 'number' && typeof refresh['rows'] === 'number'
          ? [[name, { version: refresh['version'], rows: refresh['rows'] }]]
          : [],
      ),
    ),
    foreign: null,
  };
}
