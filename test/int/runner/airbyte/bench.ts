import { afterAll, beforeAll } from 'vitest';
import { type Play, playedConfig } from '../../../harness/airbyte/play.ts';
import { makeSourcePrograms, type SourcePrograms } from '../../../harness/airbyte/source-program.ts';
import {
  NAMESPACE,
  openSyncBench,
  type SyncBench,
  type Synced,
} from '../../../harness/airbyte/sync-bench.ts';
import type { TestDeps } from '../../../harness/context.ts';

export interface PlayedConnector {
  table: string;
  stagingSchema: string;
  /** A run whose source plays this. */
  run(play: Play, more?: Record<string, unknown>): Promise<Synced>;
  /** Rows of its table in the lakehouse. */
  rows<Row>(columns: string, stream?: string): Promise<Row[]>;
  /** Rows of a staging table. */
  staged<Row>(table: string, columns: string): Promise<Row[]>;
}

/** Connectors of a source that writes what each run's config says, and the lakehouse behind them. */
export function usePlayedSource() {
  let made: { bench: SyncBench; programs: SourcePrograms } | null = null;
  let connectors = 0;
  beforeAll(async () => {
    const programs = await makeSourcePrograms({
      'source-played': new URL('../../../harness/airbyte/played-source.ts', import.meta.url),
    });
    const runnerOn = ({ database }: TestDeps) =>
      programs.runner({ pool: database.pool, idleTimeoutMs: 60_000 });
    made = { programs, bench: await openSyncBench(runnerOn) };
  });
  afterAll(async () => {
    await made?.bench.close();
    await made?.programs.remove();
  });
  const ready = () => {
    if (!made) throw new Error('the bench has not been made');
    return made.bench;
  };
  return {
    get deps() {
      return ready().deps;
    },
    async connector(): Promise<PlayedConnector> {
      connectors += 1;
      const table = `played_${connectors}`;
      const bench = ready();
      const { id, stagingSchema } = await bench.connector(
        {},
        { tapName: 'source-played', destinationTable: table },
      );
      return {
        table,
        stagingSchema,
        async run(play, more) {
          await bench.reconfigure(id, playedConfig(play, more));
          return bench.sync(id);
        },
        rows: (columns, stream) =>
          select(columns, `${NAMESPACE}.${stream === undefined ? table : `${table}__${stream}`}`),
        staged: (name, columns) => select(columns, `${stagingSchema}."${name}"`),
      };

      async function select<Row>(columns: string, at: string): Promise<Row[]> {
        const rows = await bench.deps.database.sql.unsafe(`select ${columns} from ${at} order by 1`);
        return rows.map((row) => ({ ...row })) as Row[];
      }
    },
  };
}
