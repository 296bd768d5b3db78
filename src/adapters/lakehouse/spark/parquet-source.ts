import type { Stage } from '../stage/stage.ts';
import type { RowSources } from './row-source.ts';

/** Parquet files in a place that workers and Spark share: any number of rows in one statement. */
export function createParquetSources(stage: Stage): RowSources {
  return {
    async open(columns, key) {
      const files = await stage.open(columns, key);
      return {
        write: (rows) => files.write(rows),
        async finish() {
          const { urls } = await files.finish();
          return urls.length === 0 ? null : relationOf(urls);
        },
        discard: () => files.discard(),
      };
    },
    async sweep(olderThanMs) {
      await stage.sweep(olderThanMs);
    },
    close: () => stage.close(),
  };
}

/** File by file: a folder, or a pattern, that has lost a file reads as if it had never been there; a file that is gone is an error. */
function relationOf(urls: readonly string[]): string {
  const each = urls.map((url) => `SELECT * FROM parquet.\`${url.replaceAll('`', '``')}\``);
  return `(${each.join(' UNION ALL ')})`;
}
