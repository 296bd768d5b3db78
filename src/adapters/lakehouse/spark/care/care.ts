import { setTimeout as wait } from 'node:timers/promises';
import { UnavailableError } from '../../../../errors.ts';
import type { CareCounts, CareRequest } from '../../../../ports/lakehouse.ts';
import type { SparkStatements, StatementOptions } from '../client/session.ts';
import { isConflict, isUnknownRelation } from '../spark-errors.ts';
import type { SparkNames } from '../spark-names.ts';
import { listProperties } from '../spark-properties.ts';
import { type CareLimits, careLimits } from './care-limits.ts';
import { type CareStep, planCare } from './care-plan.ts';
import { removeOrphans } from './orphans.ts';
import { type CareTable, numbersOf } from './procedures.ts';
import { readTableHealth, timestampLiteral } from './table-health.ts';

export interface CareParts {
  client: SparkStatements;
  names: SparkNames;
  now(): Date;
}

/** `false` on a table that somebody else cares for. */
const WANTED = 'ivory.care';
/** A load that commits meanwhile is waited for so often; then the table is left for the next care. */
const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Compacts a table, forgets its old snapshots and removes files nobody knows: each only where it is worth while. Safe beside loads (docs/adr/0011):
 * a compaction and a load that meet do not both commit, and whichever is refused is done again on the table as it then is. Readers see the same
 * rows throughout.
 */
export async function careForTable(
  { client, names, now }: CareParts,
  request: CareRequest,
): Promise<CareCounts | null> {
  const { namespace, table, signal } = request;
  const options = { signal };
  const quoted = names.table(namespace, table);
  const properties = await propertiesOf(client, quoted, options);
  if (!properties) return null;
  if (!properties.get('format')?.startsWith('iceberg/') || properties.get(WANTED) === 'false') return {};
  const limits = careLimits(properties, request, now());
  const health = await readTableHealth(
    client,
    { table: quoted, smallBytes: limits.smallBytes, before: limits.expireBefore },
    options,
  );
  const plan = planCare(health, {
    keepLast: limits.keepLast,
    removesFiles: limits.removesFiles,
    seeksOrphans: limits.orphans !== null,
  });
  const target = { client, names, quoted, argument: names.argument(namespace, table), options };
  const steps = stepsOf(target, limits, plan.dropsDeleted);
  let counts: CareCounts = {};
  for (const step of plan.steps) {
    const done = await withoutRival(steps[step], signal);
    counts = { ...counts, ...done };
  }
  return counts;
}

type Steps = Record<CareStep, () => Promise<CareCounts>>;

function stepsOf(target: CareTable, limits: CareLimits, dropsDeleted: boolean): Steps {
  const before = timestampLiteral(limits.expireBefore);
  return {
    async compact() {
      const options = dropsDeleted ? `, options => map('delete-file-threshold', '1')` : '';
      const [compacted = 0, written = 0] = await numbersOf(target, 'rewrite_data_files', options);
      return { 'data files compacted': compacted, 'data files written': written };
    },
    async 'compact-deletes'() {
      // those of rows that are in no file any more go, however few they are
      const options = dropsDeleted ? `, options => map('rewrite-all', 'true')` : '';
      const [compacted = 0, written = 0] = await numbersOf(target, 'rewrite_position_delete_files', options);
      return { 'delete files compacted': compacted, 'delete files written': written };
    },
    async 'rewrite-manifests'() {
      const [rewritten = 0, written = 0] = await numbersOf(target, 'rewrite_manifests');
      return { 'manifests rewritten': rewritten, 'manifests written': written };
    },
    async expire() {
      const kept = `, older_than => ${before}, retain_last => ${limits.keepLast}`;
      // data, position deletes, equality deletes, manifests, a list for each snapshot
      const [data = 0, positions = 0, keys = 0, , lists = 0] = await numbersOf(
        target,
        'expire_snapshots',
        kept,
      );
      return { 'snapshots expired': lists, 'old files removed': data + positions + keys };
    },
    'remove-orphans': () => removeOrphans(target, limits.orphans),
  };
}

/** A step that a load got in the way of is done on the table as it is now. */
async function withoutRival(step: () => Promise<CareCounts>, signal: AbortSignal): Promise<CareCounts> {
  for (let tries = 1; ; tries++) {
    try {
      return await step();
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (tries === TRIES) throw contended(error);
      await wait(PAUSE_MS * tries, undefined, { signal });
    }
  }
}

async function propertiesOf(
  client: SparkStatements,
  table: string,
  options: StatementOptions,
): Promise<Map<string, string> | null> {
  try {
    return await listProperties(client, table, options);
  } catch (error) {
    if (isUnknownRelation(error)) return null;
    throw error;
  }
}

function contended(cause: unknown): UnavailableError {
  return new UnavailableError(
    'lakehouse.unavailable',
    'Loads kept changing the table while it was cared for; it is as they left it.',
    { cause },
  );
}
