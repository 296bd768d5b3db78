import type { Connection } from './connection.ts';
import * as refusals from './refusals.ts';
import { setupWords } from './sync-view.ts';

/** Throws InvalidError `fivetran.setup_broken`, `fivetran.paused`, `fivetran.schema_mismatch` when no sync of it could bring rows here. */
export function assertUsable(connection: Connection, stagingSchema: string | undefined): void {
  if (connection.setupState !== 'connected') throw refusals.setupBroken(setupWords(connection));
  if (connection.paused) throw refusals.paused();
  // some services name their one table as well: "schema.table"
  const schema = connection.schema?.split('.')[0];
  if (schema === undefined || stagingSchema === undefined || schema === stagingSchema) return;
  throw refusals.schemaMismatch(schema, stagingSchema);
}
