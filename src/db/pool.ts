import pg from 'pg';

const JSON_OIDS: readonly number[] = [114, 3802];

export interface PoolOptions {
  maxConnections: number;
  applicationName: string;
}

/** A pool whose connections may die at any time: the query under way is rejected, the connection replaced, the process goes on. */
export function openPool(url: string, { maxConnections, applicationName }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    Client: SteadyClient,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: applicationName,
    options: '-c TimeZone=UTC',
  });
  pool.on('error', () => {});
  return pool;
}

/** A connection of one's own, outside of the pool and with its settings. Whoever opens it closes it. */
export async function openConnection(pool: pg.Pool): Promise<pg.Client> {
  const client = new SteadyClient(pool.options);
  await client.connect();
  return client;
}

/** Leaves json and jsonb as text, whoever asks, and has a listener for errors that come while nobody waits for an answer. */
class SteadyClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => {});
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((config: unknown, ...rest: unknown[]) =>
      query(withJsonAsText(config), ...rest)) as typeof this.query;
  }
}

interface Typed {
  types?: pg.CustomTypesConfig;
}

function withJsonAsText(query: unknown): unknown {
  if (typeof query !== 'object' || query === null || !('text' in query)) return query;
  const { types } = query as Typed;
  const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid: number, format?: 'text' | 'binary') =>
    JSON_OIDS.includes(oid)
      ? (text: string) => text
      : (types ?? pg.types).getTypeParser(oid, format as 'text');
  return { ...query, types: { getTypeParser } };
}
