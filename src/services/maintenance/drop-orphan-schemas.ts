import type { Deps } from '../../context.ts';
import { briefly } from '../../db/queries/prune.ts';
import { dropOrphanSchema, findOrphanSchemas } from '../../db/queries/prune-schemas.ts';
import type { Step } from './prune-step.ts';

const MOST = 20;

/** Drops staging schemas that came back after their connector was deleted. Only where a schema's name tells its connector. */
export function orphanSchemaStep({ database, settings, log }: Deps): Step {
  const [prefix, after] = settings.stagingSchemaTemplate.split('{source}');
  return async () => {
    if (prefix === undefined || after !== '_{connector}') return { rows: 0, more: false };
    const found = await briefly(database.db, (tx) => findOrphanSchemas(tx, prefix, MOST));
    let dropped = 0;
    for (const schema of found) {
      if (!(await briefly(database.db, (tx) => dropOrphanSchema(tx, schema)))) continue;
      log.info({ event: 'staging.dropped', schema }, 'dropped the staging schema of a deleted connector');
      dropped += 1;
    }
    return { rows: dropped, more: false };
  };
}
