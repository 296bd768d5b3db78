import type { ApiOptions } from '../../../src/api/app.ts';
import type { Deps } from '../../../src/context.ts';
import type { Pool } from '../../../src/queues/catalog.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { startPools } from '../../../src/workers/start.ts';
import type { TestDeps } from '../../harness/context.ts';
import { type ApiFixture, createApiFixture } from './fixture.ts';

export interface LiveApi extends ApiFixture {
  /** Ends the workers only. */
  stopWorkers(): Promise<void>;
}

/** The API with the named pools at work in this process, their queues on the test's Postgres. */
export async function createLiveApi(
  pools: readonly Pool[],
  options: Partial<ApiOptions> = {},
  overrides: (deps: TestDeps) => Partial<Deps> = () => ({}),
): Promise<LiveApi> {
  const expressions = createExpressionEngine();
  const api = await createApiFixture(options, (deps) => ({ expressions, ...overrides(deps) }));
  const store = await openQueueStore({ databaseUrl: api.deps.databaseUrl });
  // the app reads its deps at each request
  api.deps.producer = store.producer();
  const workers = await startPools(api.deps, store, pools);
  return {
    ...api,
    stopWorkers: () => workers.close(5_000),
    async close() {
      await workers.close(5_000);
      await store.close();
      await expressions.close();
      await api.close();
    },
  };
}
