import type { DeclaredTable } from '../../foundry/catalog-file.ts';
import type { QueryStore, TenantScope } from '../../ports/query-store.ts';
import { checkPlan } from './check-plan.ts';
import { describeTables } from './describe.ts';
import { createLoginCheck } from './login.ts';
import { runQuery } from './run-query.ts';
import { type Session, withSession } from './session.ts';
import { parseStoreUrl } from './store-url.ts';
import { tablesOf, type Visibility } from './visible-tables.ts';

export interface QuestdbOptions {
  /** QUESTDB_URL: `postgres://user:password@host:8812/qdb`; may hold {tenant} and {namespace}. */
  url: string;
  declared: readonly DeclaredTable[];
}

const DESCRIBE_TIMEOUT_MS = 60_000;

/**
 * QuestDB over the Postgres wire, as its read-only user. It has no rights per table: what stands in for them is in docs/foundry-stores.md.
 * Every call has a connection of its own, for cutting it is what ends a query on the server.
 */
export function createQuestdbStore({ url, declared }: QuestdbOptions): QueryStore {
  const stores = parseStoreUrl(url);
  const checkLogin = createLoginCheck();

  async function tables(session: Session, tenant: TenantScope): Promise<Visibility> {
    const rows = await session.rows('SELECT table_name FROM tables()');
    const names = rows.map(([name]) => String(name));
    return tablesOf(tenant, names, { declared, isOwnServer: stores.isServerPerTenant });
  }

  async function asked<T>(
    tenant: TenantScope,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const url = stores.urlOf(tenant);
    return withSession({ url, signal, timeoutMs }, async (session) => {
      await checkLogin(session, url);
      return work(session);
    });
  }

  return {
    target: 'questdb',
    dialect: 'questdb',
    describe: (tenant, signal) =>
      asked(tenant, { signal, timeoutMs: DESCRIBE_TIMEOUT_MS }, async (session) =>
        describeTables(session, (await tables(session, tenant)).visible, tenant.tenantId),
      ),
    query: (tenant, query, limits, signal) =>
      asked(tenant, { signal, timeoutMs: limits.timeoutMs }, async (session) => {
        const visibility = await tables(session, tenant);
        const columns = await columnNames(session, visibility);
        const text = await checkPlan(session, query, { tenant, tables: visibility, columns });
        return runQuery(session, text, limits);
      }),
    async ping(signal) {
      // a server of each tenant's own is met when that tenant asks
      if (stores.isTemplate) return;
      await withSession({ url, signal }, (session) => session.rows('SELECT 1'));
    },
    async close() {},
  };
}

/** Only where another's table could be named as one of them. */
async function columnNames(session: Session, { visible, foreign }: Visibility): Promise<Set<string>> {
  const plain = foreign.filter((name) => !name.includes('.'));
  if (plain.length === 0 || visible.length === 0) return new Set();
  const list = (names: readonly string[]) =>
    names.map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  const rows = await session.rows(
    `SELECT DISTINCT column_name FROM information_schema.questdb_columns() WHERE table_name IN (${list(visible.map(({ name }) => name))})`,
  );
  return new Set(rows.map(([name]) => String(name).toLowerCase()));
}
