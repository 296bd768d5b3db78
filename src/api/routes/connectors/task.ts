import { createRoute, z } from '@hono/zod-openapi';
import { getTask } from '../../../services/tasks/get.ts';
import { ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { TaskEntry, taskEntry } from './task-entry.ts';

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/tasks/{task_id}',
  tags: ['Connectors'],
  summary: 'Get a check or a discovery',
  security: SECURITY,
  request: {
    params: ConnectorParams.extend({
      task_id: z.string().openapi({ param: { name: 'task_id', in: 'path' } }),
    }),
  },
  responses: { 200: json(TaskEntry, 'The task; its result once it is done'), ...problems(404) },
});

export function getTaskRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id, task_id } = c.req.valid('param');
    return c.json(taskEntry(await getTask(c.get('ctx'), { connectorId: id, taskId: task_id })), 200);
  });
}
