import { Socket } from 'node:net';
import { createSparkLakehouse } from '../../src/adapters/lakehouse/spark/spark.ts';
import { createStage } from '../../src/adapters/lakehouse/stage/stage.ts';
import { createLog } from '../../src/log.ts';
import type { BatchSpec } from '../../src/ports/lakehouse.ts';

/** What lakehouse-spark-killed.test.ts hands over as JSON in the first argument. */
export interface LoaderTask {
  url: string;
  stageUrl: string;
  spec: BatchSpec;
  /** Ids 0 to this, all with this name. */
  rows: { count: number; name: string };
  /** Kills itself, without a word to anyone, when it has sent so many messages; null: never. */
  killedAfter: number | null;
}

/** Loads one batch as a worker does and prints how many messages it sent, unless it is killed or fails. */
async function main({ url, stageUrl, spec, rows, killedAfter }: LoaderTask): Promise<void> {
  const sent = countMessages(killedAfter);
  const log = createLog({ level: 'silent', pretty: false, role: 'test' });
  const lakehouse = createSparkLakehouse({ url, stage: createStage(stageUrl), log });
  await lakehouse.ensureTable(spec);
  const batch = await lakehouse.openBatch(spec);
  await batch.write(Array.from({ length: rows.count }, (_, n) => [BigInt(n), rows.name]));
  await batch.commit();
  process.stdout.write(String(sent()));
  await lakehouse.close();
}

function countMessages(killedAfter: number | null): () => number {
  let sent = 0;
  const { write } = Socket.prototype;
  Socket.prototype.write = function counted(this: Socket, ...args: Parameters<typeof write>) {
    const taken = write.apply(this, args);
    sent += 1;
    if (sent === killedAfter) process.kill(process.pid, 'SIGKILL');
    return taken;
  } as typeof write;
  return () => sent;
}

if (process.argv[2]) await main(JSON.parse(process.argv[2]));
