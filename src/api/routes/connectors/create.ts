import { createRoute, z } from '@hono/zod-openapi';
import { CONNECTOR_STATUSES, CONNECTOR_TYPES, DEFAULT_SCHEDULE } from '../../../domain/connector-state.ts';
import { createConnector } from '../../../services/connectors/create.ts';
import {
  body,
  IdempotencyHeader,
  json,
  printable,
  problems,
  SECURITY,
  Timestamp,
  timestampOrNull,
} from '../../contract.ts';
import type { Api } from '../../env.ts';
import { WEBHOOK_PATH } from '../webhook.ts';
import { described, SETTINGS } from './settings.ts';

const CreateConnector = z
  .strictObject({
    source_system: described('source_system', 'salesforce'),
    tap_name: described('tap_name', 'tap-salesforce'),
    destination_catalog: printable(128).openapi({ example: 'ivory-lakehouse' }),
    destination_table: SETTINGS.destination_table,
    sync_schedule: SETTINGS.sync_schedule.default(DEFAULT_SCHEDULE),
    timezone: SETTINGS.timezone.default('UTC'),
    config_encrypted: SETTINGS.config_encrypted.default(null),
    tap_version: SETTINGS.tap_version.default(null),
    connector_type: z.enum(CONNECTOR_TYPES).default('meltano'),
    meltano_environment: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be the name of an environment')
      .default('prod'),
    load_mode: SETTINGS.load_mode.default('upsert'),
  })
  .openapi('CreateConnector');

const CreatedConnector = z
  .object({
    id: z.string(),
    source_system: z.string(),
    tap_name: z.string(),
    iomete_namespace: z.string(),
    iomete_table: z.string(),
    webhook_secret: z.string().openapi({ description: 'Told this once: keep it.' }),
    webhook_url: z.string(),
    next_run_at: z.literal('~5 minutes'),
    first_run_at: Timestamp.nullable(),
    status: z.enum(CONNECTOR_STATUSES),
    staging_schema: z.string(),
    timezone: z.string(),
  })
  .openapi('CreatedConnector');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors',
  tags: ['Connectors'],
  summary: 'Register a connector',
  description: 'Registers a connector and schedules its first run within 5 minutes.',
  security: SECURITY,
  request: { headers: IdempotencyHeader, body: body(CreateConnector) },
  responses: { 201: json(CreatedConnector, 'Registered'), ...problems(400, 409, 413, 415, 422) },
});

export function createConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const asked = c.req.valid('json');
    const { connector, webhookSecret } = await createConnector(c.get('ctx'), {
      sourceSystem: asked.source_system,
      tapName: asked.tap_name,
      tapVersion: asked.tap_version,
      connectorType: asked.connector_type,
      meltanoEnvironment: asked.meltano_environment,
      destinationCatalog: asked.destination_catalog,
      destinationTable: asked.destination_table,
      syncSchedule: asked.sync_schedule,
      timezone: asked.timezone,
      loadMode: asked.load_mode,
      configEncrypted: asked.config_encrypted,
    });
    c.header('Location', `/v1/admin/connectors/${connector.id}`);
    return c.json(
      {
        id: connector.id,
        source_system: connector.sourceSystem,
        tap_name: connector.tapName,
        iomete_namespace: connector.namespace,
        iomete_table: connector.destinationTable,
        webhook_secret: webhookSecret,
        webhook_url: WEBHOOK_PATH,
        next_run_at: '~5 minutes' as const,
        first_run_at: timestampOrNull(connector.nextRunAt),
        status: connector.status,
        staging_schema: connector.stagingSchema,
        timezone: connector.timezone,
      },
      201,
    );
  });
}
