import { InvalidError } from '../../../../errors.ts';
import type { CareCounts } from '../../../../ports/lakehouse.ts';
import { assignments } from '../spark-properties.ts';
import { type CareLimits, ORPHANS_SOUGHT_AT } from './care-limits.ts';
import { type CareTable, call } from './procedures.ts';
import { timestampLiteral } from './table-health.ts';

/** The state of a table, as Hive's and REST catalogs name it: not this one's, or it would not be an orphan. */
const TABLE_STATE = /\/metadata\/\d+-[^/]+\.metadata\.json$/;

/**
 * Removes files under the table that no snapshot of it knows: what crashed statements left. A folder that another table lives in too (one was
 * renamed, and its old name taken again) would lose that one's files: so it is looked through first, and refused (`lakehouse.folder_shared`)
 * where there is the state of another table.
 */
export async function removeOrphans(target: CareTable, orphans: CareLimits['orphans']): Promise<CareCounts> {
  if (orphans === null) return {};
  const older = `, older_than => ${timestampLiteral(orphans.before)}`;
  const { rows: found } = await call(target, 'remove_orphan_files', `${older}, dry_run => true`);
  const alien = found.find(([path]) => TABLE_STATE.test(String(path)));
  if (alien) throw folderShared(String(alien[0]));
  if (found.length > 0) await call(target, 'remove_orphan_files', older);
  const sought = assignments({ [ORPHANS_SOUGHT_AT]: String(orphans.soughtAt.getTime()) });
  await target.client.execute(`ALTER TABLE ${target.quoted} SET TBLPROPERTIES (${sought})`, target.options);
  return { 'orphan files removed': found.length };
}

function folderShared(path: string): InvalidError {
  return new InvalidError(
    'lakehouse.folder_shared',
    `The table's folder may be another table's too: ${path} is not of it. No file was removed; if there is no such table, remove that file.`,
  );
}
