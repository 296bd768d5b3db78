import type { Ctx } from '../../context.ts';
import { profileNumbers } from '../../db/queries/staged-numbers.ts';
import type { LakeType } from '../../domain/lake-type.ts';
import { holdsLosslessly } from '../../domain/lake-type-widening.ts';
import { typeOfNumbers, UNLIMITED_NUMERIC } from '../../domain/staging-type.ts';
import type { LakeColumn } from '../../ports/lakehouse.ts';
import type { PlannedColumn, TablePlan } from './plan-table.ts';

export interface SettleInput {
  namespace: string;
  loadId: number;
}

/**
 * The plan with the types its columns will have in the lakehouse (docs/lake-types.md). A column that is there keeps its type unless the
 * wanted one holds all it holds and the lakehouse can widen it; rows that do not fit are then rejected one by one. A new column nobody
 * has given a type, over numbers without limits, gets the narrowest type that holds what the run brings.
 */
export async function settleTypes(
  ctx: Ctx,
  plan: TablePlan,
  { namespace, loadId }: SettleInput,
): Promise<TablePlan> {
  const table = await ctx.lakehouse.describeTable(namespace, plan.targetTable);
  const { widens, columnKey = (name: string) => name } = ctx.lakehouse.capabilities;
  const columns = new Map(table?.columns.map((column) => [columnKey(column.name), column]));
  const existing = ({ targetColumn }: PlannedColumn) => columns.get(columnKey(targetColumn));
  const open = plan.columns.filter((column) => isOpen(column) && !existing(column));
  const found = await typesOfNumbers(ctx, plan, open, loadId);
  const settled = (column: PlannedColumn): PlannedColumn => ({
    ...column,
    targetType: settledType(found.get(column.sourceColumn) ?? column.targetType, existing(column), widens),
  });
  return { ...plan, columns: plan.columns.map(settled), emptyColumns: plan.emptyColumns.map(settled) };
}

function isOpen({ untyped, stagingType }: PlannedColumn): boolean {
  return untyped && stagingType === UNLIMITED_NUMERIC;
}

function settledType(
  wanted: LakeType,
  existing: LakeColumn | undefined,
  widens: ((existing: LakeType, wanted: LakeType) => boolean) | undefined,
): LakeType {
  if (!existing) return wanted;
  const grows = !holdsLosslessly(existing.type, wanted) && widens?.(existing.type, wanted);
  return grows ? wanted : existing.type;
}

async function typesOfNumbers(
  ctx: Ctx,
  { table }: TablePlan,
  columns: readonly PlannedColumn[],
  loadId: number,
): Promise<Map<string, LakeType>> {
  if (columns.length === 0) return new Map();
  const names = columns.map(({ sourceColumn }) => sourceColumn);
  const profiles = await profileNumbers(ctx.database.sql, table, { names, loadId });
  return new Map(names.map((name, n) => [name, typeOfNumbers(profiles[n])]));
}
