import type { TableHealth } from './table-health.ts';

/** In the order in which one step's leavings are the next one's. */
const STEPS = ['compact', 'compact-deletes', 'rewrite-manifests', 'expire', 'remove-orphans'] as const;
export type CareStep = (typeof STEPS)[number];

export interface CarePlan {
  steps: CareStep[];
  /** So much of the table is deleted again that its files are worth writing anew whatever their size. */
  dropsDeleted: boolean;
}

export interface CareNeeds {
  keepLast: number;
  /** Else old snapshots stay, too. */
  removesFiles: boolean;
  /** The table's folder may be searched for files nobody knows. */
  seeksOrphans: boolean;
}

/** What a few loads leave is not worth a rewrite. */
const SMALL_FILES = 20;
const DELETE_FILES = 10;
/** Of the rows in data files: about when reading them in vain costs more than writing the others once. */
const DELETED_SHARE = 0.3;
const MANIFESTS = 50;
const MANIFEST_BYTES = 8 * 1024 * 1024;

/** What is worth doing. */
export function planCare(health: TableHealth, { keepLast, removesFiles, seeksOrphans }: CareNeeds): CarePlan {
  const dropsDeleted = health.deletedRows > 0 && health.deletedRows >= health.dataRows * DELETED_SHARE;
  const isWorthIt: Record<CareStep, boolean> = {
    compact: health.smallFiles >= SMALL_FILES || dropsDeleted,
    'compact-deletes': health.deleteFiles >= DELETE_FILES || dropsDeleted,
    'rewrite-manifests':
      health.manifests >= MANIFESTS && health.manifestBytes < (health.manifests * MANIFEST_BYTES) / 4,
    // of the table's own line the last ones stay, however old
    expire:
      removesFiles && (health.oldStranded > 0 || (health.oldSnapshots > 0 && health.snapshots > keepLast)),
    'remove-orphans': seeksOrphans,
  };
  return { steps: STEPS.filter((step) => isWorthIt[step]), dropsDeleted };
}
