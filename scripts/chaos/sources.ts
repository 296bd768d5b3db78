import type { StreamSpec } from './model.ts';
import type { TapConfig } from './source-file.ts';

/** A kind of connector that every tenant has one of. */
export interface ConnectorKind {
  /** Its source_system and destination table, the same for all tenants. */
  name: string;
  loadMode: 'upsert' | 'append';
  streams: readonly StreamSpec[];
  /** The streams that are mapped, with a transform that refuses bad rows. */
  mapped: readonly string[];
  /** `ivory`: its runners start the tap. `external`: a runner of somebody else's only reports. */
  runner: 'ivory' | 'external';
  tap: Partial<Omit<TapConfig, 'source' | 'file'>>;
  /** Deleted in the middle of the round. */
  doomed?: boolean;
}

const table = (name: string, keys: number, deletes = true): StreamSpec => ({
  name,
  kind: 'table',
  keys,
  deletes,
});
const log = (name: string): StreamSpec => ({ name, kind: 'log', keys: 0, deletes: false });

export const KINDS: readonly ConnectorKind[] = [
  {
    name: 'orders',
    loadMode: 'upsert',
    streams: [table('orders', 300), table('customers', 80)],
    mapped: [],
    runner: 'ivory',
    tap: { breaksOneIn: 6, paceMs: 20 },
  },
  {
    name: 'events',
    loadMode: 'append',
    streams: [log('events')],
    mapped: [],
    runner: 'ivory',
    tap: { paceMs: 40 },
  },
  {
    name: 'deals',
    loadMode: 'upsert',
    streams: [table('deals', 200)],
    mapped: ['deals'],
    runner: 'ivory',
    tap: { breaksOneIn: 7, fillsOneIn: 6, paceMs: 20 },
  },
  {
    name: 'ledger',
    loadMode: 'append',
    streams: [log('lines'), log('remarks')],
    mapped: ['lines'],
    runner: 'ivory',
    tap: { breaksOneIn: 6, paceMs: 20 },
  },
  {
    name: 'flaky',
    loadMode: 'upsert',
    streams: [table('tickets', 100)],
    mapped: [],
    runner: 'ivory',
    tap: { refusals: 5, breaksOneIn: 4 },
  },
  {
    name: 'stubborn',
    loadMode: 'append',
    streams: [log('readings')],
    mapped: [],
    runner: 'ivory',
    tap: { stubborn: true, family: true, paceMs: 250 },
  },
  {
    name: 'partner',
    loadMode: 'upsert',
    streams: [table('accounts', 150, false)],
    mapped: [],
    runner: 'external',
    tap: {},
  },
  {
    name: 'doomed',
    loadMode: 'upsert',
    streams: [table('leads', 100)],
    mapped: [],
    runner: 'ivory',
    tap: { family: true, paceMs: 250 },
    doomed: true,
  },
];

/** The lakehouse table of a stream, as docs/adr/0003 has it. */
export function tableOf({ name, streams, mapped }: ConnectorKind, stream: string): string {
  if (mapped.includes(stream) || streams.length === 1) return name;
  return `${name}__${stream}`;
}
