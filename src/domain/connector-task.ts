import type { StreamDrift } from './source-drift.ts';

export const TASK_KINDS = ['check', 'discover'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const TASK_STATUSES = ['queued', 'running', 'done', 'failed'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A stream as the source describes it; `fields` is name -> type, fit for map-fields as source_schema. */
export interface DiscoveredStream {
  stream: string;
  keyProperties: string[];
  replicationKey: string | null;
  fields: Record<string, string>;
}

/** Why a source could not be asked. The message is public: secrets are taken out. */
export interface SourceRefusal {
  ok: false;
  errorCode: string;
  message: string;
}

export type CheckOutcome = { ok: true } | SourceRefusal;
export type DiscoverOutcome = { ok: true; streams: DiscoveredStream[] } | SourceRefusal;

/** What a done task holds. A source that fails is a result; a task fails only by our own trouble. */
export type TaskResult = (CheckOutcome | DiscoverOutcome) & {
  logTail: string;
  /** Of a discovery: what is different since the source was told before, by stream. */
  drift?: StreamDrift[];
};
