import { composeDeps } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { serveOps } from '../../ops/serve.ts';
import type { Pool } from '../../queues/catalog.ts';
import { watchHealth } from '../../services/health/role-checks.ts';
import { startPools } from '../../workers/start.ts';
import type { Service } from '../run-until-stopped.ts';

/** Starts pools and, on a port of their own, their probes. */
export async function startWorker(config: Config, pools: readonly Pool[]): Promise<Service> {
  const { deps, store, close } = await composeDeps(config, { role: `worker:${pools.join('+')}` });
  const closers = [close];
  try {
    const workers = await startPools(deps, store, pools);
    closers.unshift(() => workers.close(0));
    const health = watchHealth(deps, { roles: pools, consumers: workers.consumers });
    closers.unshift(health.close);
    const { metricsPage, log } = deps;
    const ops = await serveOps({ host: config.HOST, port: config.OPS_PORT, health, metricsPage, log });
    closers.unshift(ops.close);
    return {
      ready: `${pools.join(' ')} ${ops.url}`,
      async drain(graceMs) {
        health.drain();
        log.info({ event: 'process.draining', grace_ms: graceMs }, 'draining');
        await workers.close(graceMs);
      },
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers) await close();
}
