import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { NumbersProfile } from '../../domain/staging-type.ts';
import type { Sql } from '../client.ts';
import { LOAD_COLUMN, type StagedTable } from './staging.ts';

interface ProfiledColumns {
  names: readonly string[];
  loadId: number;
}

/** What the numbers of one load are like, for each of these columns. Reads the load's rows once. */
export async function profileNumbers(
  sql: Sql,
  { schema, table }: Pick<StagedTable, 'schema' | 'table'>,
  { names, loadId }: ProfiledColumns,
): Promise<NumbersProfile[]> {
  const [found] = await sql.unsafe<Record<string, unknown>[]>(
    `select ${names.map(profileOf).join(', ')} from ${quoteTable(schema, table)} where ${LOAD_COLUMN} = $1::bigint`,
    [loadId],
  );
  const row = found ?? {};
  return names.map((_, n) => ({
    exactDoubles: row[`doubles_${n}`] !== false,
    wholeDigits: Number(row[`digits_${n}`] ?? 0),
    scale: Number(row[`scale_${n}`] ?? 0),
  }));
}

/** A double holds what prints back as the same number; NaN and infinity are doubles and nothing else. */
function profileOf(name: string, n: number): string {
  const value = quoteIdentifier(name);
  const finite = `filter (where ${value} not in ('NaN', 'Infinity', '-Infinity'))`;
  return `bool_and(case when abs(${value}) > 1e308 and ${value} not in ('NaN', 'Infinity', '-Infinity') then false
      when ${value} <> 0 and abs(${value}) < 1e-300 then false
      else ${value}::float8::text::numeric = ${value} end) as doubles_${n},
    max(length(trunc(abs(${value}))::text)) ${finite} as digits_${n},
    max(scale(trim_scale(${value}))) ${finite} as scale_${n}`;
}
