import type { Ctx } from '../../context.ts';
import { assertConnectorName } from '../../domain/connector-naming.ts';
import type { ConnectorType } from '../../domain/connector-state.ts';
import { assertSchedule } from '../../domain/schedule.ts';
import { InvalidError } from '../../errors.ts';

/** What a client decides about a connector, at its creation and later. */
export interface ConnectorSettings {
  tapName: string;
  tapVersion: string | null;
  connectorType: ConnectorType;
  destinationTable: string;
  syncSchedule: string;
  timezone: string;
  configEncrypted: string | null;
}

/** Throws InvalidError `connector.destination_table_invalid`, `connector.tap_unknown`, `connector.config_not_encrypted`, `schedule.*`. */
export function assertSettings(ctx: Ctx, settings: ConnectorSettings): void {
  assertConnectorName('destination_table', settings.destinationTable);
  assertSchedule(settings.syncSchedule, settings.timezone, ctx.now());
  assertEncrypted(settings.configEncrypted);
  ctx.runners[settings.connectorType]?.assertTap(settings.tapName, settings.tapVersion);
}

/** Catches the config sent in the clear by mistake; what kind of envelope it is, only a runner can tell. */
function assertEncrypted(config: string | null): void {
  if (config === null || !/^\s*[{[]/.test(config)) return;
  const message = 'config_encrypted holds plain JSON; seal it first with `ivory encrypt-config`.';
  throw new InvalidError('connector.config_not_encrypted', message, {
    errors: [{ field: 'config_encrypted', message: 'must be encrypted by the client' }],
  });
}
