import { InvalidError } from '../../errors.ts';
import type { LakeReader } from '../../ports/lake-reader.ts';
import type { TenantScope } from '../../ports/query-store.ts';
import { askAsReader } from '../foundry/postgres/ask.ts';
import { describeSchemas } from '../foundry/postgres/describe.ts';
import { setupError } from '../foundry/postgres/reader-errors.ts';
import { withReader } from '../foundry/postgres/with-reader.ts';
import { type Asker, findAsker } from './postgres-askers.ts';
import { SQLSTATE, sqlStateOf } from './postgres-errors.ts';
import type { Sessions } from './postgres-sessions.ts';

const DESCRIBE_TIMEOUT_MS = 60_000;
const LOOK_MS = 8_000;
const CATALOG_BYTES = 256 * 1024 * 1024;

/** Questions to the schemas of a tenant's namespaces, as a role that may read those and owns nothing. */
export function createPostgresReader(url: string, sessions: Sessions): LakeReader {
  async function asker({ tenantId, namespaces }: TenantScope): Promise<Asker | null> {
    if (namespaces.length === 0) return null;
    try {
      return await sessions.transaction((client) => findAsker(client, tenantId, namespaces));
    } catch (error) {
      // nothing was ever provisioned
      if (sqlStateOf(error) === SQLSTATE.undefinedTable) return null;
      throw setupError(error);
    }
  }

  return {
    async describe(tenant, signal) {
      const reader = await asker(tenant);
      if (!reader) return [];
      const schemas = reader.namespaces;
      const options = {
        url,
        reader,
        schemas,
        timeoutMs: DESCRIBE_TIMEOUT_MS,
        signal,
        maxBytes: CATALOG_BYTES,
      };
      return withReader(options, ({ client }) => describeSchemas(client, { schemas, lookMs: LOOK_MS }));
    },
    async query(tenant, query, limits, signal) {
      signal.throwIfAborted();
      const reader = await asker(tenant);
      if (!reader) throw nothingToAsk();
      return askAsReader({ url, reader, readable: { schemas: reader.namespaces }, query, limits, signal });
    },
  };
}

function nothingToAsk(): InvalidError {
  return new InvalidError(
    'foundry.query_failed',
    'The tenant has no active catalog, and so no tables to ask.',
  );
}
