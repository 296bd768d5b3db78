import { parseArgs } from 'node:util';
import { loadApiConfig, processEnvironment } from '../config.ts';
import { portNumber } from './port-number.ts';
import { runUntilStopped } from './run-until-stopped.ts';

/** `ivory api`: serves HTTP until SIGINT or SIGTERM. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { 'data-dir': { type: 'string' }, port: { type: 'string' } },
  });
  const settings = loadApiConfig(processEnvironment(), values['data-dir']);
  const config = values.port === undefined ? settings : { ...settings, PORT: portNumber(values.port) };
  return runUntilStopped({ drainMs: config.DRAIN_S * 1000 }, async () => {
    const { startApi } = await import('./api/start.ts');
    return startApi(config);
  });
}
