import { createHash, createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Login } from './session.ts';

/** All a tenant's user may do, and that with one graph only. EXPLAIN runs nothing; RO_QUERY refuses what writes. */
const COMMANDS = ['+graph.ro_query', '+graph.explain', '+ping'];

export interface TenantUsers {
  loginFor(graph: string): Login;
  /** Makes the user, or makes it anew as it must be. */
  grant(graph: string): Promise<void>;
}

/**
 * A user of the server for each graph. Its password follows from the key and the graph's name, so that every process knows the same one
 * and it is kept nowhere; the server is given its hash.
 */
export function createTenantUsers(admin: Redis, key: Buffer): TenantUsers {
  const loginFor = (graph: string): Login => ({
    user: `ivory-reader-${graph}`,
    password: createHmac('sha256', key).update(`falkordb:${graph}`).digest('base64url'),
  });
  return {
    loginFor,
    async grant(graph) {
      const { user, password } = loginFor(graph);
      const hash = createHash('sha256').update(password).digest('hex');
      await admin.call('ACL', 'SETUSER', user, 'reset', 'on', `#${hash}`, `~${graph}`, ...COMMANDS);
    },
  };
}
