import type { CanonicalSchemas } from './canonical-schema.ts';
import type { MappingRequest } from './mapping.ts';

interface Ordered {
  sourceStream: string;
  sourceField: string;
  targetSchema: string;
  targetTable: string;
  targetColumn: string;
}

export type KnownRequest = Pick<
  MappingRequest,
  'sourceStream' | 'targetTable' | 'sourceSchema' | 'targetSchemaDef'
>;

/**
 * Mappings in the order of their table's columns: the definition its latest request gave, else the canonical table, else the source's
 * fields. What none of them knows comes last, by its name. `requests` are the latest of each stream and table.
 */
export function inColumnOrder<Mapping extends Ordered>(
  mappings: readonly Mapping[],
  schemas: CanonicalSchemas,
  requests: readonly KnownRequest[],
): Mapping[] {
  const orders = new Map<string, Order>();
  const placed = mappings.map((mapping) => {
    const key = JSON.stringify([mapping.sourceStream, mapping.targetSchema, mapping.targetTable]);
    const order = orders.get(key) ?? orderOf(mapping, schemas, requests);
    orders.set(key, order);
    return {
      mapping,
      column: placeOf(order.columns, mapping.targetColumn),
      field: placeOf(order.fields, mapping.sourceField),
    };
  });
  return placed
    .sort(
      (a, b) =>
        a.column - b.column || a.field - b.field || compare(a.mapping.targetColumn, b.mapping.targetColumn),
    )
    .map(({ mapping }) => mapping);
}

interface Order {
  columns: ReadonlyMap<string, number>;
  fields: ReadonlyMap<string, number>;
}

function orderOf(mapping: Ordered, schemas: CanonicalSchemas, requests: readonly KnownRequest[]): Order {
  const { sourceStream, targetSchema, targetTable } = mapping;
  const request = requests.find(
    (known) => known.sourceStream === sourceStream && known.targetTable === targetTable,
  );
  const tables = schemas.get(targetSchema)?.tables ?? {};
  const table = Object.hasOwn(tables, targetTable) ? tables[targetTable] : undefined;
  const canonical = table?.columns.map(({ name }) => name) ?? [];
  return {
    columns: places(request?.targetSchemaDef ? Object.keys(request.targetSchemaDef) : canonical),
    fields: places(Object.keys(request?.sourceSchema ?? {})),
  };
}

function places(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, at) => [name, at]));
}

function placeOf(order: ReadonlyMap<string, number>, name: string): number {
  return order.get(name) ?? order.size;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
