import { Redis } from 'ioredis';
import { InvalidError } from '../../errors.ts';
import type { DeclaredTable } from '../../foundry/catalog-file.ts';
import type { QueryStore, TenantScope } from '../../ports/query-store.ts';
import { checkPlan } from './check-plan.ts';
import { describeGraph } from './describe.ts';
import { FalkorError, isLoginRefused, unavailable } from './falkordb-errors.ts';
import { runQuery, withFreshNames } from './run-query.ts';
import { type Session, withSession } from './session.ts';
import { createTenantUsers } from './tenant-users.ts';

export interface FalkordbOptions {
  /** FALKORDB_URL: `redis://user:password@host:6379`, a login that may ACL SETUSER, EXISTS and PING. */
  url: string;
  declared: readonly DeclaredTable[];
  /** The passwords of the tenants' users follow from it: the same in every process. */
  key: Buffer;
}

const DESCRIBE = { maxRows: 10_000, maxBytes: 16 * 1024 ** 2, timeoutMs: 30_000 };
const ADMIN_TIMEOUT_MS = 5_000;

/**
 * FalkorDB: a graph of each namespace, asked by a user of that graph's own that may do nothing but GRAPH.RO_QUERY and GRAPH.EXPLAIN on it.
 * Its doubles have 15 digits, its times whole seconds: the server prints no more.
 */
export function createFalkordbStore({ url, declared, key }: FalkordbOptions): QueryStore {
  const admin = connectAdmin(url);
  const users = createTenantUsers(admin, key);

  /** The first of the tenant's namespaces that is a graph. */
  async function graphOf({ namespaces }: TenantScope, signal: AbortSignal): Promise<string | null> {
    for (const namespace of namespaces)
      if ((await onAdmin(signal, () => admin.exists(namespace))) === 1) return namespace;
    return null;
  }

  /** A user that is not there is made; it is gone when the server was started anew. */
  async function asUser<T>(
    graph: string,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const login = users.loginFor(graph);
    const session = () =>
      withSession({ url, login, signal, timeoutMs }, (session) => withFreshNames(() => work(session)));
    try {
      return await session();
    } catch (error) {
      if (!(error instanceof Error) || !isLoginRefused(error.cause)) throw error;
      await onAdmin(signal, () => users.grant(graph));
      return session();
    }
  }

  return {
    target: 'falkordb',
    dialect: 'cypher',
    async describe(tenant, signal) {
      const graph = await graphOf(tenant, signal);
      if (graph === null) return [];
      return asUser(graph, { signal, timeoutMs: DESCRIBE.timeoutMs }, (session) =>
        describeGraph(
          async (query) =>
            (await runQuery(session, { graph, query, timeoutMs: DESCRIBE.timeoutMs }, DESCRIBE)).rows,
          declared,
        ),
      );
    },
    async query(tenant, query, limits, signal) {
      const graph = await graphOf(tenant, signal);
      if (graph === null)
        throw new InvalidError('foundry.query_failed', 'There is no graph of yours to ask.');
      const { timeoutMs } = limits;
      return asUser(graph, { signal, timeoutMs }, async (session) => {
        await checkPlan(session, graph, query);
        return runQuery(session, { graph, query, timeoutMs }, limits);
      });
    },
    async ping(signal) {
      await onAdmin(signal, () => admin.ping());
    },
    async close() {
      admin.disconnect();
    },
  };
}

function connectAdmin(url: string): Redis {
  const admin = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: ADMIN_TIMEOUT_MS,
    commandTimeout: ADMIN_TIMEOUT_MS,
    retryStrategy: (tries) => Math.min(tries * 100, 2_000),
  });
  // each command tells of its own
  admin.on('error', () => {});
  return admin;
}

async function onAdmin<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => {});
  const onAbort = () => gone.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([ask(), gone.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof FalkorError ? error : unavailable(error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
