import { type PgType, TIMESTAMP } from './column-type.ts';

const INTEGERS = ['smallint', 'integer', 'bigint'];
const DATES = ['date', TIMESTAMP];

/**
 * The type a column must have to hold both what is in it and what comes: the wider number, the timestamp of a date, and text for
 * whatever has nothing else in common. text, jsonb and unlimited numeric hold all that they meet and stay.
 */
export function widerType(current: PgType, wanted: PgType): PgType {
  if (current === wanted || current === 'text' || current.startsWith('character varying')) return current;
  if (current === 'jsonb') return current;
  const numbers = numberRank(current) >= 0 && numberRank(wanted) >= 0;
  if (numbers) return widerNumber(current, wanted);
  if (DATES.includes(current) && DATES.includes(wanted)) return TIMESTAMP;
  return 'text';
}

function widerNumber(current: PgType, wanted: PgType): PgType {
  const limited = current.startsWith('numeric(') || wanted.startsWith('numeric(');
  if (limited) return 'numeric';
  return numberRank(current) >= numberRank(wanted) ? current : wanted;
}

function numberRank(type: PgType): number {
  return type.startsWith('numeric') ? INTEGERS.length : INTEGERS.indexOf(type);
}

/** How a column's values become the new type. */
export function conversion(column: string, from: PgType, to: PgType): string {
  const structured = from.endsWith('[]') && to === 'text';
  return structured ? `to_jsonb(${column})::text` : `${column}::${to}`;
}
