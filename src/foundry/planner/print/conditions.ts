import type { Filter } from '../draft.ts';
import type { Entry } from '../link/scope.ts';
import type { SqlDialect } from './dialects.ts';

/** One filter as SQL, without brackets around it where none are needed. */
export function sqlCondition(filter: Filter, column: (entry: Entry) => string, dialect: SqlDialect): string {
  const on = column(filter.entry);
  switch (filter.kind) {
    case 'in':
      return membership(filter, on, dialect);
    case 'compare':
      return `${on} ${filter.op} ${numeral(filter.value)}`;
    case 'text':
      return `${on} ${filter.isNegated ? 'NOT ' : ''}ILIKE ${dialect.text(pattern(filter))}`;
    case 'empty':
      return `${on} IS ${filter.isNegated ? 'NOT ' : ''}NULL`;
    case 'flag':
      return filter.value ? on : `NOT ${on}`;
    case 'time':
      return [
        filter.span.from === null ? '' : `${on} >= ${dialect.day(filter.span.from)}`,
        filter.span.to === null ? '' : `${on} < ${dialect.day(filter.span.to)}`,
        filter.span.month === null ? '' : `${dialect.month(on)} = ${filter.span.month}`,
      ]
        .filter((part) => part !== '')
        .join(' AND ');
  }
}

function membership(filter: Extract<Filter, { kind: 'in' }>, on: string, dialect: SqlDialect): string {
  const values = [
    ...new Set(filter.isExact ? filter.values : filter.values.map((value) => value.toLowerCase())),
  ];
  const [first = ''] = values;
  const compared = filter.isExact ? on : `lower(${on})`;
  if (values.length === 1) return `${compared} ${filter.isNegated ? '<>' : '='} ${dialect.text(first)}`;
  return `${compared} ${filter.isNegated ? 'NOT IN' : 'IN'} (${values.map(dialect.text).join(', ')})`;
}

function pattern(filter: Extract<Filter, { kind: 'text' }>): string {
  const plain = filter.value.replace(/[\\%_]/g, (sign) => `\\${sign}`);
  if (filter.how === 'starts') return `${plain}%`;
  return filter.how === 'ends' ? `%${plain}` : `%${plain}%`;
}

/** Never in exponents. */
export function numeral(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
