import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import {
  type ConnectorChange,
  type ConnectorDetail,
  changeConnector,
  findConnectorDetail,
} from '../../db/queries/connectors.ts';
import { type LockedConnector, lockConnector } from '../../db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import type { LoadMode } from '../../domain/connector-state.ts';
import { isPromised } from '../../domain/run-state.ts';
import { nextSlot } from '../../domain/schedule.ts';
import { AppError, ConflictError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';
import { keepConfig, keptConfig } from './kept-config.ts';
import { assertSettings } from './settings.ts';

export interface ConnectorPatch {
  syncSchedule?: string;
  timezone?: string;
  destinationTable?: string;
  configEncrypted?: string | null;
  tapVersion?: string | null;
  loadMode?: LoadMode;
}

export interface UpdateConnectorInput {
  connectorId: string;
  patch: ConnectorPatch;
  /** Only over this version; null: over any. */
  ifVersion: number | null;
}

/** A load in progress, or tried again, would write one run's rows to two places. */
const FIXED_WHILE_RUNNING = ['destinationTable', 'loadMode'] as const satisfies (keyof ConnectorPatch)[];

/**
 * Changes what the patch names and raises the version; a patch that says what is already so changes nothing. A config or tap version counts
 * from the next attempt of a run on, so it may change at any time: it may be what the run is failing for.
 * Errors: NotFoundError `connector.not_found`; ConflictError `connector.version_changed`, `connector.run_unfinished`; InvalidError as create.
 */
export function updateConnector(ctx: Ctx, input: UpdateConnectorInput): Promise<ConnectorDetail> {
  assertConnectorId(input.connectorId);
  return ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, input.connectorId);
    if (!connector) throw connectorNotFound();
    assertVersion(connector, input.ifVersion);
    assertSettings(ctx, settingsAfter(connector, input.patch), connector.id);
    await change(ctx, tx, connector, differenceOf(ctx, connector, input.patch));
    const detail = await findConnectorDetail(tx, ctx.tenantId, connector.id);
    if (!detail) throw connectorNotFound();
    return detail;
  });
}

async function change(ctx: Ctx, tx: DbOrTx, connector: LockedConnector, patch: ConnectorPatch) {
  if (Object.keys(patch).length === 0) return;
  await assertMayChange(ctx, tx, connector, patch);
  const { configEncrypted: envelope } = patch;
  const kept = envelope ? { configEncrypted: keepConfig(ctx, connector.id, envelope) } : {};
  await changeConnector(tx, ctx.tenantId, connector.id, {
    ...patch,
    ...kept,
    ...nextRunOf(connector, patch),
  });
  await insertAuditEvent(tx, ctx, {
    action: 'connector.update',
    subject: connector.id,
    detail: { changed: Object.keys(patch), version: connector.version + 1 },
  });
}

function assertVersion({ version }: LockedConnector, ifVersion: number | null): void {
  if (ifVersion === null || ifVersion === version) return;
  throw new ConflictError(
    'connector.version_changed',
    `The connector is at version ${version}, not ${ifVersion}; read it again.`,
  );
}

async function assertMayChange(ctx: Ctx, tx: DbOrTx, connector: LockedConnector, patch: ConnectorPatch) {
  const fixed = FIXED_WHILE_RUNNING.filter((field) => field in patch);
  if (fixed.length === 0) return;
  const run = await findUnfinishedRun(tx, ctx.tenantId, connector.id);
  if (!run) return;
  throw new ConflictError(
    'connector.run_unfinished',
    `Where and how rows are loaded cannot change under run ${run.id}; wait for its end or cancel it first.`,
  );
}

/** The config that is kept was judged when it came. */
function settingsAfter(connector: LockedConnector, patch: ConnectorPatch) {
  return { ...connector, ...patch, configEncrypted: patch.configEncrypted ?? null };
}

function differenceOf(ctx: Ctx, connector: LockedConnector, patch: ConnectorPatch): ConnectorPatch {
  const fields = Object.keys(patch) as (keyof ConnectorPatch)[];
  const changed = fields.filter((field) =>
    field === 'configEncrypted' ? !isKept(ctx, connector, patch) : patch[field] !== connector[field],
  );
  return Object.fromEntries(changed.map((field) => [field, patch[field]]));
}

/** Whether the patch hands in the config that the connector has. One that does not open any more is not it. */
function isKept(
  ctx: Ctx,
  { id, configEncrypted: kept }: LockedConnector,
  { configEncrypted }: ConnectorPatch,
) {
  if (kept === null || configEncrypted === null) return kept === configEncrypted;
  try {
    return keptConfig(ctx, id, kept) === configEncrypted;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** A new schedule counts at once. Not for a connector that is stopped, and a trigger or an earlier retry keeps its promise. */
function nextRunOf(connector: LockedConnector, patch: ConnectorPatch): Partial<ConnectorChange> {
  if (patch.syncSchedule === undefined && patch.timezone === undefined) return {};
  const { status, nextRunAt, nextTrigger } = connector;
  if (status !== 'active' || isPromised(nextTrigger)) return {};
  const { syncSchedule, timezone, clock } = { ...connector, ...patch };
  const slot = nextSlot(syncSchedule, timezone, clock);
  if (nextTrigger === 'retry' && nextRunAt && nextRunAt <= slot) return {};
  return { nextRunAt: slot, nextTrigger: null };
}
