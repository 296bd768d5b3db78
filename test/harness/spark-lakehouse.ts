import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createSparkClient,
  type SparkClient,
} from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { createSparkLakehouse } from '../../src/adapters/lakehouse/spark/spark.ts';
import { createStage } from '../../src/adapters/lakehouse/stage/stage.ts';
import { createLog } from '../../src/log.ts';
import type { Lakehouse } from '../../src/ports/lakehouse.ts';
import { type SparkServer, startSparkServer } from './spark-server.ts';

export type SparkPath = 'parquet' | 'values';

/** A real server, and lakehouses on it. */
export interface SparkInstallation {
  server(): SparkServer;
  /** Folder that workers and Spark share. */
  stageFolder: string;
  /** On the server itself, or on a proxy's port; `now` is the worker's clock. */
  lakehouse(path: SparkPath, port?: number, now?: () => Date): Lakehouse;
  /** Another client's session, past every lakehouse. Close it. */
  client(): SparkClient;
  /** Kills the server and starts another on the same port and warehouse. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const log = createLog({ level: 'silent', pretty: false, role: 'test' });

export async function startSparkInstallation(): Promise<SparkInstallation> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-spark-lake-'));
  const stageFolder = mkdtempSync(join(folder, 'stage-'));
  const warehouse = join(folder, 'warehouse');
  const opened: Lakehouse[] = [];
  let server = await startSparkServer({ warehouse });
  return {
    server: () => server,
    stageFolder,
    lakehouse(path, port = server.port, now = () => new Date()) {
      const stage = path === 'parquet' ? createStage(pathToFileURL(stageFolder).href) : null;
      const url = `spark+http://127.0.0.1:${port}/cliservice?catalog=lake`;
      const lakehouse = createSparkLakehouse({ url, stage, log, now });
      opened.push(lakehouse);
      return lakehouse;
    },
    client() {
      const settings = { 'spark.sql.catalog.lake.cache-enabled': 'false' };
      return createSparkClient({ endpoint: parseSparkUrl(server.url), log, settings });
    },
    async restart() {
      const { port } = server;
      await server.stop();
      server = await startSparkServer({ warehouse, port });
    },
    async close() {
      await Promise.all(opened.map((lakehouse) => lakehouse.close()));
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
