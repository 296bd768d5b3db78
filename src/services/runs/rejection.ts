import { createHash } from 'node:crypto';
import type { StagedFields } from '../../db/queries/staged-rows.ts';
import type { StagedColumn } from '../../db/queries/staging.ts';
import { textOfField } from '../../domain/copy-text.ts';
import type { TablePlan } from './plan-table.ts';

/** A key is part of an index row of at most 2,700 bytes. */
const MAX_KEY_CHARACTERS = 500;

export interface Rejection {
  rowKey: string;
  /** JSON: staged column -> its text. */
  row: string;
  column: string;
  expression: string | null;
  error: string;
}

/** Says of a rejected row what it was, for the list and for a replay. Rows without a staged key are named by their place. */
export function rowNamer(plan: TablePlan, columns: readonly StagedColumn[]) {
  const names = columns.slice(0, -1).map(({ name }) => name);
  const keyFrom = plan.columns.length;
  return (fields: StagedFields, place: number): Pick<Rejection, 'rowKey' | 'row'> => {
    const row = fields.map(textOfField);
    const key = plan.table.primaryKey.map((_, n) => row[keyFrom + n] ?? null);
    return {
      rowKey: key.length > 0 ? shortened(JSON.stringify(key)) : `#${place}`,
      row: JSON.stringify(Object.fromEntries(names.map((name, n) => [name, row[n] ?? null]))),
    };
  };
}

function shortened(key: string): string {
  if (key.length <= MAX_KEY_CHARACTERS) return key;
  const hash = createHash('sha256').update(key).digest('hex');
  return `${key.slice(0, MAX_KEY_CHARACTERS - hash.length).toWellFormed()}${hash}`;
}
