import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import type { QueryStore } from '../../../ports/query-store.ts';
import { createSessions } from '../../lakehouse/postgres-sessions.ts';
import { askAsReader } from '../postgres/ask.ts';
import { describeSchemas } from '../postgres/describe.ts';
import { setupError } from '../postgres/reader-errors.ts';
import { withReader } from '../postgres/with-reader.ts';
import { BEHIND_MODELS, BUILT_IN_MODELS } from './built-in-models.ts';
import { ensureModelReader, type ModelReader } from './model-readers.ts';
import { openModels, SCHEMA, TENANT_CALL, TENANT_COLUMN } from './open-models.ts';

export interface ReadModelOptions {
  /** DATABASE_URL. Its role must be allowed to create roles. */
  url: string;
}

const READABLE = { schemas: [SCHEMA], behindViews: BEHIND_MODELS, calls: [TENANT_CALL] };
const DESCRIBE_TIMEOUT_MS = 30_000;
const LOOK_MS = 5_000;
const CATALOG_BYTES = 64 * 1024 * 1024;
const MAX_CONNECTIONS = 3;

/**
 * The schema read_models of the control plane's database: views of connectors, runs, rejected rows and mappings, and the operator's own tables that
 * have a tenant_id. Every tenant has a login of its own that sees the tenant's rows only, whatever it asks.
 */
export function createReadModelStore({ url }: ReadModelOptions): QueryStore {
  const sessions = createSessions(url, MAX_CONNECTIONS);

  async function readerOf(tenantId: string, { opens }: { opens: boolean }): Promise<ModelReader> {
    try {
      return await sessions.transaction(async (client) => {
        const reader = await ensureModelReader(client, tenantId);
        if (opens) await openModels(client, reader.group);
        return reader;
      });
    } catch (error) {
      throw setupError(error);
    }
  }

  return {
    target: 'postgres',
    dialect: 'postgres',
    async describe({ tenantId }, signal) {
      const reader = await readerOf(tenantId, { opens: true });
      const schemas = READABLE.schemas;
      const options = {
        url,
        reader,
        schemas,
        timeoutMs: DESCRIBE_TIMEOUT_MS,
        signal,
        maxBytes: CATALOG_BYTES,
      };
      const tables = await withReader(options, ({ client }) =>
        describeSchemas(client, { schemas, lookMs: LOOK_MS }),
      );
      return tables.map(described);
    },
    async query({ tenantId }, query, limits, signal) {
      signal.throwIfAborted();
      const reader = await readerOf(tenantId, { opens: false });
      return askAsReader({ url, reader, readable: READABLE, query, limits, signal });
    },
    ping: async () => {
      try {
        await sessions.transaction((client) => client.query('select 1'));
      } catch (error) {
        throw setupError(error);
      }
    },
    close: () => sessions.close(),
  };
}

/** What Postgres does not know of a view. */
function described(table: CatalogTable): CatalogTable {
  const model = BUILT_IN_MODELS.find(({ name }) => table.name === `${SCHEMA}.${name}`);
  return {
    ...table,
    tenantColumn: TENANT_COLUMN,
    keys: model && table.keys.length === 0 ? [model.key] : table.keys,
    columns: table.columns.map((column) => ({
      ...column,
      description: column.description ?? model?.columns[column.name] ?? null,
    })),
  };
}
