import { createRoute, z } from '@hono/zod-openapi';
import { updateConnector } from '../../../services/connectors/update.ts';
import { body, ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { etagOf, IfMatchHeader, versionOf } from '../../if-match.ts';
import { ConnectorDetail, connectorDetail } from './detail.ts';
import { SETTINGS } from './settings.ts';

const UpdateConnector = z
  .strictObject(SETTINGS)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'names nothing to change')
  .openapi('UpdateConnector');

const contract = createRoute({
  method: 'patch',
  path: '/v1/admin/connectors/{id}',
  tags: ['Connectors'],
  summary: 'Change a connector',
  description:
    'Changes the named fields. A new schedule or time zone moves next_run_at at once. destination_table and load_mode wait for the end of an unfinished run (409); a config or tap version counts from the next attempt on.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IfMatchHeader, body: body(UpdateConnector) },
  responses: {
    200: json(ConnectorDetail, 'The connector as it is now'),
    ...problems(400, 404, 409, 412, 413, 415, 422),
  },
});

export function updateConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const asked = c.req.valid('json');
    const patch = {
      syncSchedule: asked.sync_schedule,
      timezone: asked.timezone,
      destinationTable: asked.destination_table,
      configEncrypted: asked.config_encrypted,
      tapVersion: asked.tap_version,
      loadMode: asked.load_mode,
    };
    const connector = await updateConnector(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      ifVersion: versionOf(c.req.valid('header')['if-match']),
      patch: Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
    });
    c.header('ETag', etagOf(connector.version));
    return c.json(connectorDetail(connector), 200);
  });
}
