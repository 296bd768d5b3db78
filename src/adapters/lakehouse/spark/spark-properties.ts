import { InvalidError } from '../../../errors.ts';
import type { BatchSpec } from '../../../ports/lakehouse.ts';
import type { SparkStatements, StatementOptions } from './client/session.ts';
import { sparkColumn } from './spark-names.ts';

/** A retry finds its commit among the snapshots: they are kept much longer than any run is tried (docs/adr/0011). */
export const LEDGER = { keepMs: 14 * 24 * 3600 * 1000, keepLast: 100 } as const;
/** Iceberg's own names of the two. */
export const KEPT = {
  ms: 'history.expire.max-snapshot-age-ms',
  last: 'history.expire.min-snapshots-to-keep',
} as const;
const NEEDED = {
  'write.wap.enabled': 'true',
  [KEPT.ms]: String(LEDGER.keepMs),
  [KEPT.last]: String(LEDGER.keepLast),
};
/** The table's folder holds nothing else: Ivory has made it. */
export const OWN_FOLDER = 'ivory.own-folder';
const FRESH = {
  ...NEEDED,
  [OWN_FOLDER]: 'true',
  'format-version': '2',
  // an upsert of few rows into a large table writes few rows
  'write.merge.mode': 'merge-on-read',
  'write.metadata.delete-after-commit.enabled': 'true',
  'write.metadata.previous-versions-max': '100',
};
/** Keys of which the table holds each at most once, as far as Ivory has written it. */
const UPSERT_KEYS = 'ivory.upsert-keys';

/** Of a table Ivory makes. */
export const TABLE_PROPERTIES: readonly string[] = assignments(FRESH);

export function upsertProperty(spec: BatchSpec): string[] {
  return needsKey(spec) ? assignments({ [UPSERT_KEYS]: keysText(spec) }) : [];
}

/**
 * Makes an existing table fit to be published to. Throws InvalidError `lakehouse.not_iceberg`, and `lakehouse.keys_not_unique` when rows are
 * to be upserted by keys that several rows share.
 */
export async function readyProperties(spark: SparkStatements, table: string, spec: BatchSpec): Promise<void> {
  const properties = await listProperties(spark, table);
  if (!properties.get('format')?.startsWith('iceberg/'))
    throw new InvalidError(
      'lakehouse.not_iceberg',
      `${spec.namespace}.${spec.table} is no Iceberg table: rows cannot be published to it at once.`,
    );
  const changes: Record<string, string> = {};
  // one that a person has set stays
  for (const [name, value] of Object.entries(NEEDED)) {
    if (!properties.has(name) || name === 'write.wap.enabled') changes[name] = value;
  }
  if (properties.get('write.wap.enabled') === 'true') delete changes['write.wap.enabled'];
  const keys = needsKey(spec) ? keysText(spec) : '';
  const isNew = keys !== '' && properties.get(UPSERT_KEYS) !== keys;
  if (isNew) await assertUnique(spark, table, spec);
  // what is appended may repeat a key
  if (isNew || (keys === '' && properties.get(UPSERT_KEYS))) changes[UPSERT_KEYS] = keys;
  if (Object.keys(changes).length === 0) return;
  await spark.execute(`ALTER TABLE ${table} SET TBLPROPERTIES (${assignments(changes).join(', ')})`);
}

export async function listProperties(
  spark: SparkStatements,
  table: string,
  options: StatementOptions = {},
): Promise<Map<string, string>> {
  const { rows } = await spark.query(`SHOW TBLPROPERTIES ${table}`, options);
  return new Map(rows.map(([name, value]) => [String(name), String(value)]));
}

async function assertUnique(spark: SparkStatements, table: string, spec: BatchSpec): Promise<void> {
  const keys = spec.keys.map(sparkColumn);
  const known = keys.map((key) => `${key} IS NOT NULL`).join(' AND ');
  const { rows } = await spark.query(
    `SELECT 1 FROM ${table} WHERE ${known} GROUP BY ${keys.join(', ')} HAVING COUNT(*) > 1 LIMIT 1`,
  );
  if (rows.length === 0) return;
  throw new InvalidError(
    'lakehouse.keys_not_unique',
    `${spec.namespace}.${spec.table} holds several rows with the same ${spec.keys.join(', ')}: it cannot be upserted by it.`,
  );
}

function needsKey({ mode, keys }: BatchSpec): boolean {
  return mode === 'upsert' && keys.length > 0;
}

/** Letters, digits, - and _ only: a property is written between quotes. */
function keysText({ keys }: BatchSpec): string {
  return Buffer.from(JSON.stringify([...keys].sort())).toString('base64url');
}

export function assignments(properties: Readonly<Record<string, string>>): string[] {
  return Object.entries(properties).map(([name, value]) => `'${name}'='${value}'`);
}
