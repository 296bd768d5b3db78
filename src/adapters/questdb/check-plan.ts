import type { TenantScope } from '../../ports/query-store.ts';
import { refuseForeignNames } from './foreign-names.ts';
import { type PlanStep, readPlan, scannedTable } from './plan-tree.ts';
import { comparedSelects, type QueryText, readQueryText, refused } from './query-text.ts';
import type { Session } from './session.ts';
import { requireTenantRows } from './tenant-rows.ts';
import type { Visibility, VisibleTable } from './visible-tables.ts';

/** Selects that are compared with may hold such selects again. */
const DEEPEST = 3;

export interface CheckOptions {
  tenant: TenantScope;
  tables: Visibility;
  /** Names of all columns of the tenant's tables, lower case. */
  columns: ReadonlySet<string>;
}

/**
 * What stands in for the rights per table that the server does not have: the query as text and the server's own plan of it must read the
 * tenant's tables and nothing else. Answers the text that may run. Throws InvalidError `foundry.query_failed`.
 */
export async function checkPlan(session: Session, query: string, options: CheckOptions): Promise<string> {
  const text = readQueryText(query);
  refuseForeignNames(text.text, { foreign: options.tables.foreign, columns: options.columns });
  await checkSelect(session, text, options, DEEPEST);
  return text.text;
}

async function checkSelect(
  session: Session,
  query: QueryText,
  options: CheckOptions,
  deeper: number,
): Promise<void> {
  // first, for EXPLAIN runs them
  for (const { select, preamble } of comparedSelects(query)) {
    if (deeper === 0) throw refused('Its selects are nested too deep.');
    await checkSelect(session, readQueryText(joined(preamble, select)), options, deeper - 1);
  }
  judge(readPlan(await explain(session, query.text)), query, options);
}

/** A select of its own may begin with WITH too; then what stands before the main SELECT cannot precede it. */
function joined(preamble: string, select: string): string {
  return /^select\b/i.test(select) ? `${preamble}${select}` : select;
}

async function explain(session: Session, query: string): Promise<string[]> {
  const rows = await session.rows(`EXPLAIN ${query}`);
  return rows.map(([line]) => String(line));
}

function judge(plan: readonly PlanStep[], query: QueryText, { tenant, tables }: CheckOptions): void {
  const own = new Map(tables.visible.map((table) => [table.name, table]));
  if (!scans(plan).every((table) => own.has(table)))
    throw refused('It reads a table that is not among yours.');
  const shared = tables.visible.flatMap(({ name, tenantColumn }: VisibleTable) =>
    tenantColumn === null ? [] : [{ name, tenantColumn }],
  );
  requireTenantRows(plan, shared, { tenantId: tenant.tenantId, query });
}

function scans(steps: readonly PlanStep[]): string[] {
  return steps.flatMap((step) => [...[scannedTable(step) ?? []].flat(), ...scans(step.children)]);
}
