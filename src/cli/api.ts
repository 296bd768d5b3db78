import { parseArgs } from 'node:util';
import { composeApi, composeDeps } from '../compose.ts';
import { loadApiConfig, processEnvironment } from '../config.ts';
import { portNumber } from './port-number.ts';
import { endInTime, untilStopped } from './until-stopped.ts';

/** `ivory api`: serves HTTP until SIGINT or SIGTERM. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { 'data-dir': { type: 'string' }, port: { type: 'string' } },
  });
  const settings = loadApiConfig(processEnvironment(), values['data-dir']);
  const config = values.port === undefined ? settings : { ...settings, PORT: portNumber(values.port) };
  const stopped = untilStopped();
  const { deps, store, close } = await composeDeps(config, { role: 'api' });
  const server = await composeApi(config, deps, store);
  process.stdout.write(`ready ${server.url}\n`);
  await stopped;
  await server.close();
  endInTime();
  await close();
  return 0;
}
