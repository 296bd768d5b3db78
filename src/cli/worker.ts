import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { composeDeps } from '../compose.ts';
import { loadConfig, processEnvironment } from '../config.ts';
import { InvalidError } from '../errors.ts';
import { POOLS, type Pool } from '../queues/catalog.ts';
import { startPools } from '../workers/start.ts';
import { endInTime, untilStopped } from './until-stopped.ts';

/** `ivory worker <pool...>`: runs pools until SIGINT or SIGTERM. */
export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' } },
  });
  const pools = poolsNamed(positionals);
  // A loader in this process makes much garbage: a young heap kept small lowers the peak of a long run by a third.
  if (pools.includes('runner')) setFlagsFromString('--semi-space-growth-factor=1');
  const config = loadConfig(processEnvironment(), values['data-dir']);
  const stopped = untilStopped();
  const { deps, store, close } = await composeDeps(config, { role: `worker:${pools.join('+')}` });
  const workers = await startPools(deps, store, pools);
  process.stdout.write(`ready ${pools.join(' ')}\n`);
  await stopped;
  await workers.close();
  endInTime();
  await close();
  return 0;
}

function poolsNamed(names: string[]): Pool[] {
  const pools = POOLS.filter((pool) => names.includes(pool));
  const unknown = names.filter((name) => !(POOLS as readonly string[]).includes(name));
  if (pools.length === 0 || unknown.length > 0) {
    throw new InvalidError('worker.pool_unknown', `Name one or more pools of ${POOLS.join(', ')}.`);
  }
  return pools;
}
