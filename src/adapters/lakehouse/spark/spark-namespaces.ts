import { InvalidError } from '../../../errors.ts';
import type { SparkStatements } from './client/session.ts';
import { isMadeAlready, isUnknownRelation } from './spark-errors.ts';
import { META, type SparkNames } from './spark-names.ts';

/** Whose a namespace is. */
export interface Namespaces {
  /** Makes it the tenant's. Throws InvalidError `lakehouse.namespace_taken`. */
  claim(tenantId: string, namespace: string): Promise<void>;
  /** Whether it is the tenant's. */
  isOwned(tenantId: string, namespace: string): Promise<boolean>;
}

const OWNER = 'ivory.tenant';
const RESERVED = [META, 'system', 'default', 'information_schema'];

/**
 * A table in Ivory's own namespace, named as the namespace it stands for, holds its owner: making a table is what every catalog does at most
 * once, and not every catalog keeps properties of a namespace.
 */
export function createNamespaces(spark: SparkStatements, names: SparkNames): Namespaces {
  const known = new Map<string, string>();

  async function findOwner(namespace: string): Promise<string | null> {
    const owner = known.get(namespace) ?? (await readOwner(namespace));
    // it never changes
    if (owner !== null) known.set(namespace, owner);
    return owner;
  }

  async function readOwner(namespace: string): Promise<string | null> {
    try {
      const { rows } = await spark.query(`SHOW TBLPROPERTIES ${names.table(META, namespace)}`);
      const [, value] = rows.find(([name]) => name === OWNER) ?? [];
      return typeof value === 'string' ? Buffer.from(value, 'base64url').toString() : null;
    } catch (error) {
      if (isUnknownRelation(error)) return null;
      throw error;
    }
  }

  async function claim(tenantId: string, namespace: string): Promise<void> {
    if (RESERVED.includes(namespace)) throw taken(namespace);
    const owner = await findOwner(namespace);
    if (owner === null) await take(tenantId, namespace);
    if ((owner ?? (await findOwner(namespace))) !== tenantId) throw taken(namespace);
    await spark.execute(`CREATE NAMESPACE IF NOT EXISTS ${names.namespace(namespace)}`);
  }

  async function take(tenantId: string, namespace: string): Promise<void> {
    if (await hasTables(namespace)) throw taken(namespace);
    const mark = `'${OWNER}'='${Buffer.from(tenantId).toString('base64url')}'`;
    await unlessMade(() => spark.execute(`CREATE NAMESPACE IF NOT EXISTS ${names.namespace(META)}`));
    await unlessMade(() =>
      spark.execute(
        `CREATE TABLE ${names.table(META, namespace)} (nothing INT) USING iceberg TBLPROPERTIES (${mark})`,
      ),
    );
  }

  /** What is in it would be the tenant's to read. */
  async function hasTables(namespace: string): Promise<boolean> {
    try {
      return (await spark.query(`SHOW TABLES IN ${names.namespace(namespace)}`)).rows.length > 0;
    } catch (error) {
      if (isUnknownRelation(error)) return false;
      throw error;
    }
  }

  return {
    claim,
    isOwned: async (tenantId, namespace) => (await findOwner(namespace)) === tenantId,
  };
}

async function unlessMade(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMadeAlready(error)) throw error;
  }
}

function taken(namespace: string): InvalidError {
  return new InvalidError(
    'lakehouse.namespace_taken',
    `The namespace "${namespace}" is not free: choose another.`,
  );
}
