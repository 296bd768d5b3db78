import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadSettings, processEnvironment } from '../config.ts';
import { type ConfigBinding, sealConfig } from '../domain/config-envelope.ts';
import { isTenantId } from '../domain/tenant.ts';
import { InvalidError } from '../errors.ts';

const TapConfig = z.record(z.string(), z.unknown());

/**
 * `ivory encrypt-config [--tenant T] [--connector ID] < config.json`: prints the envelope for config_encrypted. With a tenant or a connector
 * it opens for that one only.
 */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { 'data-dir': { type: 'string' }, tenant: { type: 'string' }, connector: { type: 'string' } },
  });
  const settings = loadSettings(
    (all) => all.pick({ IVORY_CONFIG_KEY: true }),
    processEnvironment(),
    values['data-dir'],
  );
  if (!settings.IVORY_CONFIG_KEY) {
    throw new InvalidError('config.no_key', 'IVORY_CONFIG_KEY is not set (openssl rand -base64 32).');
  }
  const config = parseConfigObject(await text(process.stdin));
  const binding = bindingOf(values);
  process.stdout.write(`${sealConfig(Buffer.from(settings.IVORY_CONFIG_KEY, 'base64'), config, binding)}\n`);
  return 0;
}

function bindingOf({ tenant, connector }: { tenant?: string; connector?: string }): ConfigBinding {
  if (tenant !== undefined && !isTenantId(tenant))
    throw new InvalidError('config.tenant_invalid', '--tenant must be the id of a tenant.');
  if (connector !== undefined && !UUID.test(connector))
    throw new InvalidError('config.connector_invalid', '--connector must be the id of a connector.');
  return { tenantId: tenant, connectorId: connector };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The parser's own words would quote the config. */
function parseConfigObject(input: string): z.infer<typeof TapConfig> {
  try {
    return TapConfig.parse(JSON.parse(input));
  } catch {
    throw new InvalidError(
      'config.not_an_object',
      'Standard input must be one JSON object, the config of the tap.',
    );
  }
}
