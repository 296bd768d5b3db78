import { randomUUID } from 'node:crypto';
import type { Client, Pool } from 'pg';
import { openConnection } from '../pool.ts';

export interface WriteProbe {
  /** Commits a write: a database that is read-only or full fails here. Its connection is dropped when the signal aborts. */
  ask(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The row is no tenant's, and one a process: those of a fleet would wait for each other's commits. It goes with answers of its age. */
const WRITE = `
  insert into etl.idempotency_keys (tenant_id, key, fingerprint) values ('', $1, '')
  on conflict (tenant_id, key) do update set created_at = now()`;

/** A connection of its own: one that a network swallowed is replaced at the next question, and a busy pool is no lost database. */
export function createWriteProbe(pool: Pool): WriteProbe {
  const key = `readiness ${randomUUID()}`;
  let kept: Client | null = null;
  return {
    async ask(signal) {
      const client = kept ?? (await openConnection(pool));
      const giveUp = () => drop(client);
      signal.addEventListener('abort', giveUp, { once: true });
      try {
        signal.throwIfAborted();
        kept = client;
        await client.query(WRITE, [key]);
      } catch (error) {
        kept = null;
        drop(client);
        throw error;
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
    async close() {
      if (kept) drop(kept);
      kept = null;
    },
  };
}

/** Of a server that stands still no goodbye is waited for. */
function drop(client: Client): void {
  client.end().catch(() => {});
  client.connection.stream.destroy();
}
