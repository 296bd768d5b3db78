import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { loadConfig, processEnvironment } from '../config.ts';
import { InvalidError } from '../errors.ts';
import { POOLS, type Pool } from '../queues/catalog.ts';
import { portNumber } from './port-number.ts';
import { runUntilStopped } from './run-until-stopped.ts';

/** `ivory worker <pool...>`: runs pools until SIGINT or SIGTERM, and serves their probes. */
export async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' }, 'ops-port': { type: 'string' } },
  });
  const pools = poolsNamed(positionals);
  // A loader in this process makes much garbage: a young heap kept small lowers the peak of a long run by a third.
  if (pools.includes('runner')) setFlagsFromString('--semi-space-growth-factor=1');
  const settings = loadConfig(processEnvironment(), values['data-dir']);
  const opsPort = values['ops-port'];
  const config =
    opsPort === undefined ? settings : { ...settings, OPS_PORT: portNumber(opsPort, '--ops-port') };
  return runUntilStopped({ drainMs: config.DRAIN_S * 1000 }, async () => {
    const { startWorker } = await import('./worker/start.ts');
    return startWorker(config, pools);
  });
}

function poolsNamed(names: string[]): Pool[] {
  const pools = POOLS.filter((pool) => names.includes(pool));
  const unknown = names.filter((name) => !(POOLS as readonly string[]).includes(name));
  if (pools.length === 0 || unknown.length > 0) {
    throw new InvalidError('worker.pool_unknown', `Name one or more pools of ${POOLS.join(', ')}.`);
  }
  return pools;
}
