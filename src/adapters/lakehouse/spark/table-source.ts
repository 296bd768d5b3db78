import { randomUUID } from 'node:crypto';
import type { LakeColumn } from '../../../ports/lakehouse.ts';
import type { SparkStatements } from './client/session.ts';
import type { RowSource, RowSources } from './row-source.ts';
import { sparkLiteral } from './spark-literals.ts';
import { META, type SparkNames } from './spark-names.ts';
import { sparkType } from './spark-types.ts';

/** A statement ends at the first of these. */
const ROWS = 500;
const CHARACTERS = 4 * 1024 * 1024;
/** `rows_<seconds since 1970>_<id>`: when it was made is part of its name, for the sweep. */
const NAME = /^rows_(\d+)_[0-9a-f]{32}$/;
const PROPERTIES = [
  `'format-version'='2'`,
  `'write.distribution-mode'='none'`,
  `'write.metadata.delete-after-commit.enabled'='true'`,
  `'write.metadata.previous-versions-max'='1'`,
].join(', ');

export interface TableSourceOptions {
  spark: SparkStatements;
  names: SparkNames;
  now(): Date;
}

/**
 * A table of Ivory's own, filled by INSERT .. VALUES of 500 rows: for where workers and Spark share no storage. Statements of one WAP id do not
 * add up to one snapshot, so the rows wait here and go from here in one statement.
 */
export function createTableSources({ spark, names, now }: TableSourceOptions): RowSources {
  return {
    async open(columns) {
      const name = `rows_${Math.floor(now().getTime() / 1000)}_${randomUUID().replaceAll('-', '')}`;
      return openTable(spark, names.table(META, name), columns);
    },
    async sweep(olderThanMs) {
      const before = (now().getTime() - olderThanMs) / 1000;
      const { rows } = await spark.query(`SHOW TABLES IN ${names.namespace(META)} LIKE 'rows_*'`);
      for (const [, name] of rows) {
        const madeAt = NAME.exec(String(name))?.[1];
        if (madeAt !== undefined && Number(madeAt) < before)
          await spark.execute(`DROP TABLE IF EXISTS ${names.table(META, String(name))} PURGE`);
      }
    },
    close: async () => {},
  };
}

function openTable(spark: SparkStatements, table: string, columns: readonly LakeColumn[]): RowSource {
  let waiting: string[] = [];
  let characters = 0;
  let isMade = false;

  async function make() {
    const definitions = columns.map(({ type }, n) => `c${n} ${sparkType(type)}`).join(', ');
    isMade = true;
    await spark.execute(`CREATE TABLE ${table} (${definitions}) USING iceberg TBLPROPERTIES (${PROPERTIES})`);
  }

  async function flush() {
    if (waiting.length === 0) return;
    const statement = `INSERT INTO ${table} VALUES ${waiting.join(',\n')}`;
    waiting = [];
    characters = 0;
    if (!isMade) await make();
    await spark.execute(statement);
  }

  return {
    async write(rows) {
      for (const row of rows) {
        const text = `(${columns.map(({ type }, n) => sparkLiteral(row[n] ?? null, type)).join(', ')})`;
        waiting.push(text);
        characters += text.length;
        if (waiting.length >= ROWS || characters >= CHARACTERS) await flush();
      }
    },
    async finish() {
      await flush();
      return isMade ? table : null;
    },
    async discard() {
      waiting = [];
      if (isMade) await spark.execute(`DROP TABLE IF EXISTS ${table} PURGE`);
      isMade = false;
    },
  };
}
