import { z } from '@hono/zod-openapi';
import {
  type DiscoveredStream,
  TASK_KINDS,
  TASK_STATUSES,
  type TaskResult,
} from '../../../domain/connector-task.ts';
import type { getTask } from '../../../services/tasks/get.ts';
import { Timestamp, timestamp, timestampOrNull } from '../../contract.ts';

export type ConnectorTask = Awaited<ReturnType<typeof getTask>>;

const Stream = z
  .object({
    stream: z.string(),
    key_properties: z.array(z.string()),
    replication_key: z.string().optional(),
    fields: z
      .record(z.string(), z.string())
      .openapi({ description: 'Name to type: the source_schema of map-fields.' }),
  })
  .openapi('DiscoveredStream');

const answer = {
  ok: z.boolean().openapi({ description: 'false: the source failed; error_code and message say how.' }),
  error_code: z.string().optional(),
  message: z.string().optional(),
  log_tail: z.string(),
};

export const Checked = z.object(answer).openapi('Checked');
const Changed = z.object({
  field: z.string(),
  kind: z.enum(['added', 'removed', 'type_changed']),
  from: z.string().optional(),
  to: z.string().optional(),
});

const Drift = z
  .object({
    stream: z.string(),
    changes: z.array(Changed).openapi({ description: 'Since the source was told before.' }),
    flagged: z
      .array(z.string())
      .openapi({ description: 'ids of mappings whose field has changed, not reviewed since.' }),
    unmapped: z
      .array(z.string())
      .openapi({ description: 'Fields without a mapping, of a stream that has mappings.' }),
  })
  .openapi('StreamDrift');

export const Discovered = z
  .object({
    ...answer,
    streams: z.array(Stream),
    drift: z.array(Drift).openapi({ description: 'Only streams of which there is something to say.' }),
  })
  .openapi('Discovered');

export const TaskEntry = z
  .object({
    task_id: z.string(),
    connector_id: z.string(),
    kind: z.enum(TASK_KINDS),
    status: z
      .enum(TASK_STATUSES)
      .openapi({ description: 'failed: not the source but this installation failed.' }),
    result: z.union([Checked, Discovered]).nullable(),
    error_code: z.string().nullable(),
    error_msg: z.string().nullable(),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .openapi('ConnectorTask');

export function taskEntry(task: ConnectorTask): z.infer<typeof TaskEntry> {
  return {
    task_id: task.id,
    connector_id: task.connectorId,
    kind: task.kind,
    status: task.status,
    result: task.result && (task.kind === 'check' ? checkEntry(task.result) : discoverEntry(task.result)),
    error_code: task.errorCode,
    error_msg: task.errorMsg,
    created_at: timestamp(task.createdAt),
    finished_at: timestampOrNull(task.finishedAt),
  };
}

export function checkEntry(result: TaskResult): z.infer<typeof Checked> {
  const refusal = result.ok ? {} : { error_code: result.errorCode, message: result.message };
  return { ok: result.ok, ...refusal, log_tail: result.logTail };
}

export function discoverEntry(result: TaskResult): z.infer<typeof Discovered> {
  const streams = 'streams' in result ? result.streams.map(streamEntry) : [];
  return { ...checkEntry(result), streams, drift: result.drift ?? [] };
}

function streamEntry({ stream, keyProperties, replicationKey, fields }: DiscoveredStream) {
  return {
    stream,
    key_properties: keyProperties,
    ...(replicationKey === null ? {} : { replication_key: replicationKey }),
    fields,
  };
}
