import type { CatalogColumn } from '../../domain/foundry/catalog.ts';

export type ColumnKind = 'number' | 'text' | 'time' | 'boolean' | 'other';

/** What may be done with a column, by its type as any of the stores names it. */
export function kindOf(column: CatalogColumn): ColumnKind {
  const type = column.type.toLowerCase();
  if (/^(?:date|datetime|timestamp|localdatetime)/.test(type)) return 'time';
  if (/^bool/.test(type)) return 'boolean';
  if (/\[\]|^array|^map|^struct|^json|^binary|^bytea|^list/.test(type)) return 'other';
  if (
    /^(?:u?(?:big|small|tiny|medium)?int|u?int\d|integer|long|short|byte|double|float|real|decimal|numeric|number|money|serial|bigserial)/.test(
      type,
    )
  )
    return 'number';
  return /char|text|string|symbol|uuid|enum|name/.test(type) ? 'text' : 'other';
}
