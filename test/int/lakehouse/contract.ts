import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { BatchSpec, CommittedBatch, Lakehouse } from '../../../src/ports/lakehouse.ts';
import { carePromises } from './contract-care.ts';
import { exactlyOncePromises } from './contract-exactly-once.ts';
import { readerPromises } from './contract-readers.ts';
import { tablePromises } from './contract-tables.ts';
import { valuePromises } from './contract-values.ts';
import type { CuttingProxy } from './cutting-proxy.ts';

export const TENANT = 'acme';
export const NAMESPACE = 'ivory_tenant_acme';

/** One lakehouse, reached twice: straight, and through a proxy that can cut. */
export interface LakehouseUnderTest {
  lakehouse: Lakehouse;
  /** Another client of the same lakehouse: all its connections go through the proxy. */
  proxied: Lakehouse;
  proxy: CuttingProxy;
  /** Matches the request that makes a batch durable. */
  commitRequest: RegExp;
  /** What holds when that request arrived and its answer did not: whether the server goes on to carry it out. */
  unheardCommit: 'committed' | 'either';
  /** How often a connection is cut at random, unless IVORY_TRIALS says otherwise. */
  trials: number;
  /** A name as a query writes it, whatever it holds. */
  quote(name: string): string;
  /** The shortest name of a table that is too long. */
  tooLong: string;
  /** A query that takes minutes. */
  slowQuery: string;
  /** Ends, on the server, every session of `proxied` and of `lakehouse`. */
  killSessions(): Promise<void>;
  /** A query only the reader of nothing may be able to ask: tables outside of every namespace. */
  forbiddenRelations: string[];
  /** Statements that would write or break out of the reader, which must all be refused. */
  forbiddenStatements: string[];
  close(): Promise<void>;
}

/** What every lakehouse adapter promises. `factory` makes a lakehouse with nothing in it. */
export function lakehouseContract(
  name: string,
  factory: () => Promise<LakehouseUnderTest>,
  promises: readonly ((subject: Subject) => void)[] = [
    tablePromises,
    valuePromises,
    exactlyOncePromises,
    readerPromises,
    carePromises,
  ],
): void {
  describe(`${name} lakehouse`, () => {
    let made: LakehouseUnderTest | null = null;
    beforeAll(async () => {
      made = await factory();
      await made.lakehouse.provision(TENANT, NAMESPACE);
    });
    afterAll(() => made?.close());
    const subject = () => {
      if (!made) throw new Error('the lakehouse has not been made');
      return made;
    };
    for (const promise of promises) promise(subject);
  });
}

export type Subject = () => LakehouseUnderTest;

/** A batch on a table of its own with columns id (key), name. */
export function peopleBatch(changes: Partial<BatchSpec> = {}): BatchSpec {
  return {
    tenantId: TENANT,
    batchId: randomUUID(),
    namespace: NAMESPACE,
    table: `people_${randomUUID().replaceAll('-', '')}`,
    columns: [
      { name: 'id', type: { kind: 'long' } },
      { name: 'name', type: { kind: 'string' } },
    ],
    keys: ['id'],
    mode: 'upsert',
    ...changes,
  };
}

/** ensureTable, write, commit, as a load does; always aborted at the end. */
export async function loadRows(
  lakehouse: Lakehouse,
  spec: BatchSpec,
  rows: readonly (readonly LakeValue[])[],
): Promise<CommittedBatch> {
  await lakehouse.ensureTable(spec);
  const batch = await lakehouse.openBatch(spec);
  try {
    await batch.write(rows);
    return await batch.commit();
  } finally {
    await batch.abort();
  }
}

/** Every row of a table, as the tenant's reader sees it. */
export async function readRows(lakehouse: Lakehouse, table: string, orderBy = 'id'): Promise<LakeValue[][]> {
  const limits = { maxRows: 100_000, timeoutMs: 60_000 };
  return (await lakehouse.query(TENANT, NAMESPACE, `select * from ${table} order by ${orderBy}`, limits))
    .rows;
}
