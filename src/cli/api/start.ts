import { composeApi, composeDeps } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { watchHealth } from '../../services/health/role-checks.ts';
import type { Service } from '../run-until-stopped.ts';

/** Starts the API. */
export async function startApi(config: Config): Promise<Service> {
  const { deps, store, close } = await composeDeps(config, { role: 'api' });
  const health = watchHealth(deps, { roles: ['api'] });
  const closeAll = async () => {
    await health.close();
    await close();
  };
  try {
    const server = await composeApi(config, deps, store, health);
    return {
      ready: server.url,
      async drain(graceMs) {
        health.drain();
        deps.log.info({ event: 'process.draining', grace_ms: graceMs }, 'draining');
        await server.close(graceMs);
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
