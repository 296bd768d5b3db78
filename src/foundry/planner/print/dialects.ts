import type { BucketUnit } from '../draft.ts';

/** What the SQL of one store writes in its own way. Texts given are quoted or escaped already, unless they say they are plain. */
export interface SqlDialect {
  /** A plain name. */
  name(plain: string): string;
  /** A table's plain name as the catalog has it. */
  table(plain: string): string;
  /** A plain text. */
  text(plain: string): string;
  /** A plain day, `YYYY-MM-DD`, or instant in UTC. */
  day(plain: string): string;
  month(expression: string): string;
  bucket(unit: BucketUnit, expression: string): string;
  median(expression: string): string | null;
  /** As a double: of decimals it would have more digits than a JSON number keeps. */
  average(expression: string): string;
  /** After a descending order. */
  nullsLast: string;
  /** The number of rows to divide by; no rows are no fault. */
  rowsOrNull: string;
  hasHaving: boolean;
  hasWindowOverGroups: boolean;
}

const double = (plain: string) => `"${plain.replaceAll('"', '""')}"`;
const dotted = (quote: (part: string) => string) => (plain: string) => {
  const dot = plain.indexOf('.');
  return dot === -1 ? quote(plain) : `${quote(plain.slice(0, dot))}.${quote(plain.slice(dot + 1))}`;
};
const doubledText = (plain: string) => `'${plain.replaceAll("'", "''")}'`;

export const POSTGRES: SqlDialect = {
  name: double,
  table: dotted(double),
  text: doubledText,
  day: doubledText,
  month: (expression) => `EXTRACT(MONTH FROM ${expression})`,
  bucket: (unit, expression) =>
    unit === 'year'
      ? `CAST(EXTRACT(YEAR FROM ${expression}) AS integer)`
      : unit === 'hour'
        ? `date_trunc('hour', ${expression})`
        : `CAST(date_trunc('${unit}', ${expression}) AS date)`,
  median: (expression) => `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${expression})`,
  average: (expression) => `CAST(avg(${expression}) AS double precision)`,
  nullsLast: ' NULLS LAST',
  rowsOrNull: 'nullif(count(*), 0)',
  hasHaving: true,
  hasWindowOverGroups: true,
};

const backtick = (plain: string) => `\`${plain.replaceAll('`', '``')}\``;

export const SPARK: SqlDialect = {
  name: backtick,
  table: dotted(backtick),
  text: (plain) => `'${plain.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  day: (plain) => (plain.includes('T') ? `TIMESTAMP '${plain}'` : `DATE '${plain}'`),
  month: (expression) => `month(${expression})`,
  bucket: (unit, expression) =>
    unit === 'year'
      ? `year(${expression})`
      : unit === 'hour'
        ? `date_trunc('HOUR', ${expression})`
        : `CAST(date_trunc('${unit.toUpperCase()}', ${expression}) AS DATE)`,
  median: (expression) => `percentile(${expression}, 0.5)`,
  average: (expression) => `CAST(avg(${expression}) AS DOUBLE)`,
  nullsLast: ' NULLS LAST',
  rowsOrNull: 'nullif(count(*), 0)',
  hasHaving: true,
  hasWindowOverGroups: true,
};

const FLOORS: Readonly<Record<BucketUnit, string>> = {
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'M',
  quarter: '3M',
  year: 'y',
};

export const QUESTDB: SqlDialect = {
  name: double,
  table: double,
  text: doubledText,
  day: doubledText,
  month: (expression) => `month(${expression})`,
  bucket: (unit, expression) =>
    unit === 'year' ? `year(${expression})` : `timestamp_floor('${FLOORS[unit]}', ${expression})`,
  median: () => null,
  average: (expression) => `avg(${expression})`,
  nullsLast: '',
  rowsOrNull: 'count()',
  hasHaving: false,
  hasWindowOverGroups: false,
};
