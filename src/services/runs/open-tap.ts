import type { Ctx } from '../../context.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { openConfig } from '../../domain/config-envelope.ts';
import { InvalidError } from '../../errors.ts';
import type { Runner, TapSpec } from '../../ports/runner.ts';
import { keptConfig } from '../connectors/kept-config.ts';

/**
 * The runner of a connector and what it starts the tap with, the config decrypted. Only where runners are: in the runner pool.
 * Throws InvalidError `run.no_runner`, `connector.tap_unknown`, `config.*`.
 */
export function openTap(ctx: Ctx, connector: ConnectorRow): { runner: Runner; spec: TapSpec } {
  const { connectorType, tapName, tapVersion } = connector;
  const runner = ctx.runners[connectorType];
  if (!runner) {
    throw new InvalidError(
      'run.no_runner',
      `This installation has no runner for ${connectorType} connectors.`,
    );
  }
  runner.assertTap(tapName, tapVersion);
  const spec = {
    tenantId: connector.tenantId,
    connectorId: connector.id,
    sourceSystem: connector.sourceSystem,
    tapName,
    tapVersion,
    meltanoEnvironment: connector.meltanoEnvironment,
    stagingSchema: connector.stagingSchema,
    config: decryptedConfig(ctx, connector),
  };
  return { runner, spec };
}

function decryptedConfig(
  ctx: Ctx,
  { id: connectorId, tenantId, configEncrypted }: ConnectorRow,
): Record<string, unknown> {
  const key = ctx.settings.configKey;
  if (configEncrypted === null) return {};
  if (!key)
    throw new InvalidError(
      'config.no_key',
      'The connector has an encrypted config and this runner has no IVORY_CONFIG_KEY.',
    );
  return openConfig(key, keptConfig(ctx, connectorId, configEncrypted), { tenantId, connectorId });
}
