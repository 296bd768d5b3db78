import { randomBytes } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findCatalogForShare } from '../../db/queries/catalogs.ts';
import { type Connector, insertConnector } from '../../db/queries/connectors.ts';
import { assertConnectorName } from '../../domain/connector-naming.ts';
import { type ConnectorType, FIRST_RUN_DELAY_MS, type LoadMode } from '../../domain/connector-state.ts';
import { assertSchedule } from '../../domain/schedule.ts';
import { stagingSchemaName } from '../../domain/staging-names.ts';
import { ConflictError, InvalidError } from '../../errors.ts';

export interface CreateConnectorInput {
  sourceSystem: string;
  tapName: string;
  tapVersion: string | null;
  connectorType: ConnectorType;
  meltanoEnvironment: string;
  destinationCatalog: string;
  destinationTable: string;
  syncSchedule: string;
  timezone: string;
  loadMode: LoadMode;
  configEncrypted: string | null;
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
    const created = await insertWithFreeId(ctx, tx, input, namespace);
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
  assertConnectorName('destination_table', input.destinationTable);
  assertSchedule(input.syncSchedule, input.timezone, ctx.now());
  assertEncrypted(input.configEncrypted);
  ctx.runners[input.connectorType]?.assertTap(input.tapName, input.tapVersion);
}

/** Catches the config sent in the clear by mistake; what kind of envelope it is, only a runner can tell. */
function assertEncrypted(config: string | null): void {
  if (config === null || !/^\s*[{[]/.test(config)) return;
  const message = 'config_encrypted holds plain JSON; seal it first with `ivory encrypt-config`.';
  throw new InvalidError('connector.config_not_encrypted', message, {
    errors: [{ field: 'config_encrypted', message: 'must be encrypted by the client' }],
  });
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
): Promise<CreatedConnector> {
  for (let attempt = 0; attempt < ID_ATTEMPTS; attempt++) {
    const id = ctx.newId();
    const webhookSecret = randomBytes(SECRET_BYTES).toString('hex');
    const row = {
      ...input,
      id,
      namespace,
      tenantId: ctx.tenantId,
      stagingSchema: stagingSchemaName(ctx.settings.stagingSchemaTemplate, input.sourceSystem, id),
      webhookSecretSealed: sealSecret(ctx, id, webhookSecret),
    };
    const connector = await insertConnector(tx, row, FIRST_RUN_DELAY_MS);
    if (connector) return { connector, webhookSecret };
    if (!ctx.settings.stagingSchemaTemplate.includes('{connector}')) break;
  }
  throw new ConflictError(
    'connector.staging_schema_taken',
    `Another connector stages the source "${input.sourceSystem}" already; this installation keeps one schema a source.`,
  );
}

function sealSecret(ctx: Ctx, connectorId: string, secret: string): string {
  return ctx.sealer.seal(secret, { tenantId: ctx.tenantId, connectorId, field: 'webhook_secret' });
}
