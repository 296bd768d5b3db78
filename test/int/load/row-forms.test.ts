import { describe, expect, test } from 'vitest';
import type { Ctx } from '../../../src/context.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, mapField } from './fixtures.ts';
import { useLoading } from './loading.ts';

const FIELDS = `id bigint, name text, amount numeric(12,2), at timestamptz, day date, ok boolean, ratio double precision,
  tags text[], body jsonb, raw bytea, code uuid, small smallint, number numeric`;

/** Every kind of value, awkward ones among them; row 4 is deleted at the source, row 5 has a time no other engine knows. */
const ROWS = `
  (1, E'tab\\t newline\\n back\\\\slash', 12.50, '2024-05-01 10:00:00.5+02', '2024-02-29', true, 0.1, array['a,b', null], '{"b": [1, 2.50]}', '\\x00ff', '2ed6657d-e927-568b-95e1-2665a8aea6a2', -5, 18446744073709551615, null),
  (2, '', 'NaN', '1969-12-31 23:59:59+00', '0001-01-01', false, 'NaN', '{}', 'null', '\\x', null, 7, 0.5, null),
  (3, '\\N', -0.01, null, null, null, '-0', null, '"x"', null, null, null, null, null),
  (4, 'gone', 1, null, null, null, null, null, null, null, null, null, null, now()),
  (5, 'late', 1, 'infinity', null, null, null, null, null, null, null, null, null, null)`;

describe('a lakehouse that takes values and one that takes fields', () => {
  const loading = useLoading();

  /** The same lakehouse without its shorter way. */
  function valuesOnly(): Ctx {
    const { lakehouse } = loading.ctx;
    const openBatch: typeof lakehouse.openBatch = async (spec) => {
      const { fields: _, ...batch } = await lakehouse.openBatch(spec);
      return batch;
    };
    return { ...loading.ctx, lakehouse: { ...lakehouse, openBatch } };
  }

  async function load(ctx: Ctx, table: string) {
    const { deps, connector } = loading;
    const at = await createStaged(deps.database.sql, connector, table, { fields: FIELDS, key: 'id' });
    const input = await loading.run();
    await deps.database.sql.unsafe(`insert into ${at} (id, name, amount, at, day, ok, ratio, tags, body, raw, code, small, number, _sdc_deleted_at)
      values ${ROWS}; update ${at} set _ivory_load_id = ${input.loadId}`);
    const [stats] = await loadStreams(ctx, { ...input, streams: [table] });
    const rejected = await deps.database.sql`select row_key, row::text, column_name, expression, error
      from etl.rejected_rows where run_id = ${input.runId} order by row_key, column_name`;
    await deps.database.sql.unsafe(`drop table ${at}`);
    const { read, loaded, rejected: refused } = stats ?? {};
    return {
      counts: { read, loaded, refused },
      rows: await loading.lakeRows(loading.destination),
      rejected: [...rejected],
    };
  }

  test.each(['passing through', 'mapped'])(
    'end with the same rows, counts and rejections (%s)',
    async (how) => {
      if (how === 'mapped') {
        const map = (
          sourceField: string,
          targetType: string,
          transformFn: string | null = null,
          isKey = false,
        ) =>
          mapField(loading.deps, loading.connector, {
            sourceStream: 'things',
            targetTable: loading.destination,
            sourceField,
            targetColumn: sourceField,
            targetType,
            transformFn,
            isKey,
          });
        await map('id', 'long', null, true);
        await map('name', 'string', 'v.upper() if v else None');
        await map('amount', 'decimal(38,9)');
        await map('small', 'decimal(10,2)');
        await map('ratio', 'string');
        await map('day', 'timestamp');
        await map('number', 'double');
      }
      const fields = await load(loading.ctx, 'things');
      const { sql } = loading.deps.database;
      await sql.unsafe(`drop table ${loading.connector.namespace}."${loading.destination}"`);
      const values = await load(valuesOnly(), 'things');
      expect(fields.rejected.length).toBeGreaterThan(0);
      expect(fields.rows.length).toBeGreaterThan(0);
      expect(fields).toEqual(values);
    },
  );
});
