import { randomBytes } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findCatalogForShare } from '../../db/queries/catalogs.ts';
import {
  type Connector,
  findConnector,
  findWebhookKey,
  insertConnector,
} from '../../db/queries/connectors.ts';
import { assertConnectorName } from '../../domain/connector-naming.ts';
import { FIRST_RUN_DELAY_MS, type LoadMode } from '../../domain/connector-state.ts';
import { stagingSchemaName } from '../../domain/staging-names.ts';
import { ConflictError, InvalidError } from '../../errors.ts';
import { keepConfig } from './kept-config.ts';
import { assertSettings, type ConnectorSettings } from './settings.ts';

export interface CreateConnectorInput extends ConnectorSettings {
  sourceSystem: string;
  meltanoEnvironment: string;
  destinationCatalog: string;
  loadMode: LoadMode;
}

export interface CreatedConnector {
  connector: Connector;
  /** Told this once, kept sealed. */
  webhookSecret: string;
}

const SECRET_BYTES = 32;
const ID_ATTEMPTS = 3;

/**
 * Registers a connector and schedules its first run in five minutes.
 * Errors: InvalidError `connector.<field>_invalid`, `connector.tap_unknown`, `connector.config_not_encrypted`, `connector.catalog_unknown`,
 * `connector.catalog_inactive`, `schedule.*`; ConflictError `connector.staging_schema_taken`.
 */
export async function createConnector(ctx: Ctx, input: CreateConnectorInput): Promise<CreatedConnector> {
  assertInput(ctx, input);
  return ctx.database.db.transaction(async (tx) => {
    const namespace = await activeNamespace(ctx, tx, input.destinationCatalog);
    const { again, ...created } = await insertWithFreeId(ctx, tx, input, namespace);
    if (again) return created;
    await insertAuditEvent(tx, ctx, {
      action: 'connector.create',
      subject: created.connector.id,
      detail: { source_system: input.sourceSystem, tap_name: input.tapName },
    });
    return created;
  });
}

function assertInput(ctx: Ctx, input: CreateConnectorInput): void {
  assertConnectorName('source_system', input.sourceSystem);
  assertConnectorName('tap_name', input.tapName);
  assertSettings(ctx, input, null);
}

async function activeNamespace(ctx: Ctx, tx: DbOrTx, name: string): Promise<string> {
  const catalog = await findCatalogForShare(tx, ctx.tenantId, name);
  const problem = !catalog ? 'unknown' : catalog.active ? null : 'inactive';
  if (catalog && !problem) return catalog.namespace;
  const message =
    problem === 'unknown'
      ? `You have no catalog "${name}"; an operator adds one with \`ivory catalog add\`.`
      : `The catalog "${name}" is disabled.`;
  throw new InvalidError(`connector.catalog_${problem}`, message, {
    errors: [{ field: 'destination_catalog', message }],
  });
}

/** Two ids may share the first eight digits that name the staging schema: then another id is drawn. */
async function insertWithFreeId(
  ctx: Ctx,
  tx: DbOrTx,
  input: CreateConnectorInput,
  namespace: string,
): Promise<CreatedConnector & { again: boolean }> {
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
    const id = ctx.newId();
    const webhookSecret = randomBytes(SECRET_BYTES).toString('hex');
    const row = {
      ...input,
      configEncrypted: input.configEncrypted && keepConfig(ctx, id, input.configEncrypted),
      id,
      namespace,
      tenantId: ctx.tenantId,
      stagingSchema: stagingSchemaName(ctx.settings.stagingSchemaTemplate, input.sourceSystem, id),
      webhookSecretSealed: sealSecret(ctx, id, webhookSecret),
    };
    const connector = await insertConnector(tx, row, FIRST_RUN_DELAY_MS);
    if (connector) return { connector, webhookSecret, again: false };
    const before = await madeBefore(ctx, tx, id);
    if (before) return { ...before, again: true };
    if (!ctx.settings.stagingSchemaTemplate.includes('{connector}')) break;
  }
  throw new ConflictError(
    'connector.staging_schema_taken',
    `Another connector stages the source "${input.sourceSystem}" already; this installation keeps one schema a source.`,
  );
}

/** The connector that this very request, cut off before its answer was kept, had made: its ids are the same each time. */
async function madeBefore(ctx: Ctx, tx: DbOrTx, id: string): Promise<CreatedConnector | null> {
  const connector = await findConnector(tx, ctx.tenantId, id);
  const key = connector && (await findWebhookKey(tx, id));
  if (!key) return null;
  const webhookSecret = ctx.sealer.open(key.webhookSecretSealed, placeOf(ctx, id));
  return { connector, webhookSecret };
}

function sealSecret(ctx: Ctx, connectorId: string, secret: string): string {
  return ctx.sealer.seal(secret, placeOf(ctx, connectorId));
}

function placeOf({ tenantId }: Ctx, connectorId: string) {
  return { tenantId, connectorId, field: 'webhook_secret' };
}
