import { refuse } from '../verdict.ts';
import { bareName, type Reading, readVariable } from './reading.ts';

/** What follows WITH or RETURN. */
export interface Returned {
  /** The whole clause but for its limit, and with it. */
  text: string;
  withoutLimit: string;
  limit: number | undefined;
  /** The columns' names, to be written in backticks; undefined where one cannot be known or written. */
  columns: string[] | undefined;
}

export function readReturned(reading: Reading, word: 'WITH' | 'RETURN'): Returned {
  const { cursor } = reading;
  const distinct = cursor.accept('DISTINCT') ? ' DISTINCT' : '';
  const items: Item[] = [];
  do items.push(readItem(reading, word));
  while (cursor.accept(','));
  const order = readOrder(reading);
  const skip = cursor.accept('SKIP') ? ` SKIP ${readWhole(reading, 'SKIP')}` : '';
  const limit = cursor.accept('LIMIT') ? readWhole(reading, 'LIMIT') : undefined;
  const withoutLimit = `${word}${distinct} ${items.map(({ text }) => text).join(', ')}${order}${skip}`;
  return {
    text: limit === undefined ? withoutLimit : `${withoutLimit} LIMIT ${limit}`,
    withoutLimit,
    limit,
    columns: items.some(({ column }) => column === undefined)
      ? undefined
      : items.flatMap(({ column }) => column ?? []),
  };
}

interface Item {
  text: string;
  column: string | undefined;
}

/** An expression without a name is named by its own text: the name is written where printing changes that text. */
function readItem(reading: Reading, word: 'WITH' | 'RETURN'): Item {
  const { cursor } = reading;
  if (cursor.accept('*')) return { text: '*', column: undefined };
  const first = cursor.peek();
  const value = reading.expression();
  const source = cursor.textSince(first);
  if (cursor.accept('AS')) {
    const name = readVariable(reading);
    reading.spent.variables.add(bareName(name));
    return { text: `${value} AS ${name}`, column: bareName(name) };
  }
  if (word === 'WITH' || /^[A-Za-z_]\w*$/.test(value)) return { text: value, column: bareName(value) };
  const name = /[`\p{Cc}]|\/\/|\/\*/u.test(source) ? value : source;
  if (name.includes('`')) return { text: value, column: undefined };
  return { text: name === value ? value : `${value} AS \`${name}\``, column: name };
}

function readOrder(reading: Reading): string {
  const { cursor } = reading;
  if (!cursor.accept('ORDER', 'BY')) return '';
  const keys: string[] = [];
  do {
    const key = reading.expression();
    const down = cursor.accept('DESC') || cursor.accept('DESCENDING');
    if (!down && !cursor.accept('ASC')) cursor.accept('ASCENDING');
    keys.push(down ? `${key} DESC` : key);
  } while (cursor.accept(','));
  return ` ORDER BY ${keys.join(', ')}`;
}

function readWhole({ cursor }: Reading, word: string): number {
  const { kind, text } = cursor.next();
  if (kind !== 'number' || !/^\d{1,15}$/.test(text))
    refuse('guard.construct_refused', `${word} needs a plain whole number.`);
  return Number(text);
}
