import type { Lakehouse } from '../../ports/lakehouse.ts';
import type { QueryStore } from '../../ports/query-store.ts';

/** The lakehouse as a store that is asked. It is not this store's to close. */
export function createLakehouseStore({ capabilities, reader, ping }: Lakehouse): QueryStore {
  return {
    target: 'iomete',
    dialect: capabilities.dialect,
    describe: reader.describe,
    query: reader.query,
    ping,
    async close() {},
  };
}
