import type { CareRequest } from '../../../../ports/lakehouse.ts';
import { KEPT, LEDGER, OWN_FOLDER } from '../spark-properties.ts';

/** How a table is to be cared for: what was asked, within what the table's own settings and the ledger's retries allow. */
export interface CareLimits {
  smallBytes: number;
  /** Snapshots from before may go. */
  expireBefore: Date;
  keepLast: number;
  /** Files no snapshot has may be removed when they were written before; null: not now, or not at all. */
  orphans: { before: Date; soughtAt: Date } | null;
  /** A person has said that no file of it is to be removed. */
  removesFiles: boolean;
}

/** When the folder was last searched for orphans, ms since 1970: a property of the table. */
export const ORPHANS_SOUGHT_AT = 'ivory.orphans-sought-at';

const DAY_MS = 24 * 3600 * 1000;
/** Longer than any statement is at work, whose files nobody knows until it ends. */
const ORPHAN_AGE_MS = 3 * DAY_MS;
/** It lists every file. */
const SEEK_EVERY_MS = 7 * DAY_MS;
const DEFAULT_FILE_BYTES = 512 * 1024 * 1024;
/** What Iceberg's bin-packing takes for small. */
const SMALL_SHARE = 0.75;

export function careLimits(
  properties: ReadonlyMap<string, string>,
  { keepAfter, keepLast }: Pick<CareRequest, 'keepAfter' | 'keepLast'>,
  now: Date,
): CareLimits {
  const numberOf = (name: string) => Number(properties.get(name)) || 0;
  const keepMs = Math.max(LEDGER.keepMs, numberOf(KEPT.ms));
  const removesFiles = properties.get('gc.enabled') !== 'false';
  const seeksOrphans =
    removesFiles &&
    properties.get(OWN_FOLDER) === 'true' &&
    now.getTime() - numberOf(ORPHANS_SOUGHT_AT) >= SEEK_EVERY_MS;
  return {
    smallBytes: Math.floor((numberOf('write.target-file-size-bytes') || DEFAULT_FILE_BYTES) * SMALL_SHARE),
    expireBefore: new Date(Math.min(keepAfter.getTime(), now.getTime() - keepMs)),
    keepLast: Math.max(keepLast, LEDGER.keepLast, numberOf(KEPT.last)),
    orphans: seeksOrphans ? { before: new Date(now.getTime() - ORPHAN_AGE_MS), soughtAt: now } : null,
    removesFiles,
  };
}
