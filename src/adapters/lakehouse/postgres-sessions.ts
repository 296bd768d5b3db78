import pg from 'pg';

/** A connection of one's own. */
export interface Session {
  client: pg.Client;
  /** Gives it back; `broken` closes it for good. Doing it twice changes nothing. */
  release(broken: boolean): void;
}

export interface Sessions {
  open(): Promise<Session>;
  /** One transaction: committed when `work` resolves. A failure closes the connection, so nothing of it can go on. */
  transaction<Value>(work: (client: pg.Client) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

/**
 * The adapter's own pool, on `pg`: when a reserved connection of `postgres` dies, its next query is thrown outside of any promise,
 * which ends the process.
 */
export function createSessions(url: string, maxConnections: number): Sessions {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'ivory lakehouse',
    options:
      '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex',
  });
  const inUse = new Set<Session>();
  let closing: Promise<void> | null = null;
  pool.on('error', () => {});

  async function open(): Promise<Session> {
    const client = await pool.connect();
    // Without a listener a connection cut between two queries would end the process.
    const ignore = () => {};
    client.on('error', ignore);
    const session: Session = {
      client,
      release(broken) {
        if (!inUse.delete(session)) return;
        client.release(broken);
        client.off('error', ignore);
      },
    };
    inUse.add(session);
    return session;
  }

  async function transaction<Value>(work: (client: pg.Client) => Promise<Value>): Promise<Value> {
    const session = await open();
    try {
      await session.client.query('begin');
      const value = await work(session.client);
      await session.client.query('commit');
      session.release(false);
      return value;
    } finally {
      session.release(true);
    }
  }

  return {
    open,
    transaction,
    close() {
      for (const session of inUse) session.release(true);
      closing ??= pool.end();
      return closing;
    },
  };
}
