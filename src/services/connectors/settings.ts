import type { Ctx } from '../../context.ts';
import { assertEnvelopeFor, type ConfigPlace } from '../../domain/config-envelope.ts';
import { assertConnectorName } from '../../domain/connector-naming.ts';
import type { ConnectorType } from '../../domain/connector-state.ts';
import { assertSchedule } from '../../domain/schedule.ts';
import { AppError, InvalidError } from '../../errors.ts';

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

/**
 * `connectorId` null: of a connector that is being made. Throws InvalidError `connector.destination_table_invalid`, `connector.tap_unknown`,
 * `connector.config_not_encrypted`, `config.envelope_malformed`, `config.envelope_version`, `config.moved`, `schedule.*`.
 */
export function assertSettings(ctx: Ctx, settings: ConnectorSettings, connectorId: string | null): void {
  assertConnectorName('destination_table', settings.destinationTable);
  assertSchedule(settings.syncSchedule, settings.timezone, ctx.now());
  assertEncrypted(settings.configEncrypted, { tenantId: ctx.tenantId, connectorId });
  ctx.runners[settings.connectorType]?.assertTap(settings.tapName, settings.tapVersion);
}

/** What no cipher's text holds: the signs of JSON, YAML and markup, and blanks. */
const PLAIN = /^\s*\[|[\s{}<>"']/;

/** Catches a config sent in the clear by mistake, and an envelope of Ivory's that can only fail. Other envelopes an external runner may open. */
function assertEncrypted(config: string | null, place: ConfigPlace): void {
  if (config === null) return;
  if (PLAIN.test(config)) {
    const message = 'config_encrypted is not encrypted; seal the config first with `ivory encrypt-config`.';
    throw refused('connector.config_not_encrypted', message, 'must be encrypted by the client');
  }
  try {
    assertEnvelopeFor(place, config);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw refused(
      error.code,
      error.message,
      'must be an envelope of `ivory encrypt-config` for this connector',
    );
  }
}

function refused(code: string, message: string, must: string): InvalidError {
  return new InvalidError(code, message, { errors: [{ field: 'config_encrypted', message: must }] });
}
