import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchSpec, Lakehouse } from '../../src/ports/lakehouse.ts';
import { type SparkInstallation, startSparkInstallation } from '../harness/spark-lakehouse.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { loadRows, NAMESPACE, peopleBatch, TENANT } from '../int/lakehouse/contract.ts';
import { type CuttingProxy, startCuttingProxy } from '../int/lakehouse/cutting-proxy.ts';
import type { LoaderTask } from './lakehouse-spark-loader.ts';

/** The long round says more. */
const TRIALS = Number(process.env['IVORY_TRIALS'] ?? 8);
const LOADER = fileURLToPath(new URL('./lakehouse-spark-loader.ts', import.meta.url));
const ROWS = 1_000;

describe.skipIf(!sparkIsInstalled())('a load into Spark by a process that is killed or cut off', () => {
  let spark: SparkInstallation;
  let lakehouse: Lakehouse;
  let proxy: CuttingProxy;

  beforeAll(async () => {
    spark = await startSparkInstallation();
    lakehouse = spark.lakehouse('parquet');
    proxy = await startCuttingProxy({ host: '127.0.0.1', port: spark.server().port });
    await lakehouse.provision(TENANT, NAMESPACE);
  });
  afterAll(async () => {
    await proxy?.close();
    await spark?.close();
  });

  /** How it ended; a number: that of the messages it sent. */
  async function load(spec: BatchSpec, name: string, killedAfter: number | null) {
    const url = `spark+http://127.0.0.1:${proxy.port}/cliservice?catalog=lake`;
    const stageUrl = pathToFileURL(spark.stageFolder).href;
    const task: LoaderTask = { url, stageUrl, spec, rows: { count: ROWS, name }, killedAfter };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [LOADER, JSON.stringify(task)], {
        env: {},
      });
      return Number(stdout);
    } catch (error) {
      const isKilled = error instanceof Error && 'signal' in error && error.signal === 'SIGKILL';
      if (!isKilled) expect(String(error)).toContain('lakehouse.unavailable');
      return isKilled ? 'killed' : 'cut';
    }
  }

  /** How many rows there are of each name, as a reader sees them. */
  async function seen(table: string): Promise<string> {
    const statement = `select name, count(*) from ${table} group by name order by name`;
    const { rows } = await lakehouse.query(TENANT, NAMESPACE, statement, {
      maxRows: 10_000,
      timeoutMs: 120_000,
    });
    return rows.map(([name, count]) => `${name}:${count}`).join(' ');
  }

  test(`${TRIALS} times, at any message: a reader sees none of it or all, and a retry makes it whole`, async () => {
    const tables = { append: peopleBatch({ mode: 'append', keys: [] }), upsert: peopleBatch() };
    await load(tables.append, 'r000', null);
    const before = proxy.bytes();
    const messages = Number(await load(tables.upsert, 'r000', null));
    const bytes = proxy.bytes() - before;
    const names = { append: ['r000'], upsert: ['r000'] };
    const ends = { killed: 0, cut: 0, whole: 0 };
    for (let trial = 1; trial <= TRIALS; trial++) {
      const mode = trial % 3 === 0 ? 'upsert' : 'append';
      const spec = { ...tables[mode], batchId: crypto.randomUUID() };
      const name = `r${String(trial).padStart(3, '0')}`;
      const earlier = await seen(spec.table);
      names[mode] = mode === 'append' ? [...names.append, name] : [name];
      const whole = names[mode].map((each) => `${each}:${ROWS}`).join(' ');
      // by turns killed, cut, and both
      if (trial % 4 >= 2) proxy.cutAfter(1 + Math.floor(Math.random() * bytes));
      // the first for certain: before it has opened its session
      const share = trial === 1 ? 0 : Math.random();
      const killedAfter = trial % 4 === 2 ? null : 1 + Math.floor(share * messages);
      const end = await load(spec, name, killedAfter);
      ends[typeof end === 'number' ? 'whole' : end] += 1;
      proxy.cut();
      expect([earlier, whole]).toContain(await seen(spec.table));
      await loadRows(
        lakehouse,
        spec,
        Array.from({ length: ROWS }, (_, n) => [BigInt(n), name]),
      );
      expect(await seen(spec.table)).toBe(whole);
    }
    console.info('trials that ended', ends);
    expect(ends.killed + ends.cut).toBeGreaterThan(0);
  }, 3_600_000);
});
