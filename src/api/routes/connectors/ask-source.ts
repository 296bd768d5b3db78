import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TASK_STATUSES, type TaskKind, type TaskResult } from '../../../domain/connector-task.ts';
import { UnavailableError } from '../../../errors.ts';
import { askSource } from '../../../services/tasks/ask.ts';
import { ConnectorParams, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api, ApiEnv } from '../../env.ts';
import { Checked, type ConnectorTask, checkEntry, Discovered, discoverEntry } from './task-entry.ts';

const LONGEST_WAIT_S = 25;

const Waiting = z
  .object({ task_id: z.string(), status: z.enum(TASK_STATUSES), message: z.string() })
  .openapi('ConnectorTaskWaiting');

const waitS = z
  .string()
  .regex(/^\d{1,2}$/, `must be a whole number from 0 to ${LONGEST_WAIT_S}`)
  .default(String(LONGEST_WAIT_S))
  .transform(Number)
  .pipe(z.int().max(LONGEST_WAIT_S))
  .openapi({
    type: 'integer',
    minimum: 0,
    maximum: LONGEST_WAIT_S,
    default: LONGEST_WAIT_S,
    description: 'Seconds to wait for the answer before 202.',
  });

const request = {
  params: ConnectorParams,
  headers: IdempotencyHeader,
  query: z.object({ wait_s: waitS }),
};
const waiting = json(Waiting, 'Not answered yet: ask for the task');

const checkContract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/check',
  tags: ['Connectors'],
  summary: 'Check a connector',
  description:
    'Starts the tap with its config until the source has answered. Changes nothing: no rows, no state, no failure is counted.',
  security: SECURITY,
  request,
  responses: { 200: json(Checked, 'What the check found'), 202: waiting, ...problems(404, 409, 422) },
});

const discoverContract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/discover',
  tags: ['Connectors'],
  summary: "Discover a source's streams",
  description: 'Streams with their fields and types, ready for map-fields. Changes nothing.',
  security: SECURITY,
  request,
  responses: { 200: json(Discovered, 'What the source has'), 202: waiting, ...problems(404, 409, 422) },
});

export function askSourceRoutes(app: Api): void {
  app.openapi(checkContract, async (c) => {
    const { id } = c.req.valid('param');
    const task = await ask(c, 'check', id, c.req.valid('query').wait_s);
    const result = resultOf(task);
    return result ? c.json(checkEntry(result), 200) : c.json(waitingEntry(task), 202);
  });
  app.openapi(discoverContract, async (c) => {
    const { id } = c.req.valid('param');
    const task = await ask(c, 'discover', id, c.req.valid('query').wait_s);
    const result = resultOf(task);
    return result ? c.json(discoverEntry(result), 200) : c.json(waitingEntry(task), 202);
  });
}

function ask(c: Context<ApiEnv>, kind: TaskKind, connectorId: string, wait: number): Promise<ConnectorTask> {
  return askSource(c.get('ctx'), { connectorId, kind, waitMs: wait * 1000, signal: c.req.raw.signal });
}

/** Null: not answered yet. Throws what the installation failed with. */
function resultOf({ status, result, errorCode, errorMsg }: ConnectorTask): TaskResult | null {
  if (status === 'failed')
    throw new UnavailableError(
      errorCode ?? 'task.failed',
      errorMsg ?? 'The source could not be asked; try again later.',
    );
  return result;
}

function waitingEntry({ id, connectorId, status }: ConnectorTask): z.infer<typeof Waiting> {
  const message = `The source has not answered yet; look at /v1/admin/connectors/${connectorId}/tasks/${id}.`;
  return { task_id: id, status, message };
}
