import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadSettings, processEnvironment } from '../config.ts';
import { sealConfig } from '../domain/config-envelope.ts';
import { InvalidError } from '../errors.ts';

const TapConfig = z.record(z.string(), z.unknown());

/** `ivory encrypt-config < config.json`: prints the envelope for config_encrypted. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { 'data-dir': { type: 'string' } } });
  const settings = loadSettings(
    (all) => all.pick({ IVORY_CONFIG_KEY: true }),
    processEnvironment(),
    values['data-dir'],
  );
  if (!settings.IVORY_CONFIG_KEY) {
    throw new InvalidError('config.no_key', 'IVORY_CONFIG_KEY is not set (openssl rand -base64 32).');
  }
  const config = parseConfigObject(await text(process.stdin));
  process.stdout.write(`${sealConfig(Buffer.from(settings.IVORY_CONFIG_KEY, 'base64'), config)}\n`);
  return 0;
}

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
