import { type PlanStep, scannedTable } from './plan-tree.ts';
import { type QueryText, refused } from './query-text.ts';

export interface SharedTable {
  name: string;
  tenantColumn: string;
}

/** Steps that only hand on what a scan reads. */
const HANDS_ON = /^(PageFrame|DeferredSingleSymbolFilterPageFrame|SortedSymbolIndex)$/;
/** Steps whose filter is one on what their last input reads. */
const FILTERS =
  /^(Async( JIT)? (Filter|Group By|Top K)|Filter$|LatestBy\w+|FilterOn\w+|Filtered (AsOf|Lt) Join)/;

/**
 * Refuses a plan that reads a table of several tenants without the filter on this tenant's rows directly over the scan. The filter is read
 * from the plan's text, so literals that could look like one there are refused as well.
 */
export function requireTenantRows(
  roots: readonly PlanStep[],
  tables: readonly SharedTable[],
  { tenantId, query }: { tenantId: string; query: QueryText },
): void {
  if (tables.length === 0) return;
  const visit = (step: PlanStep, ancestors: readonly PlanStep[]) => {
    const table = tables.find(({ name }) => name === scannedTable(step));
    if (table) {
      refuseDisguises(query, table);
      const isFiltered = filtersOver(step, ancestors).some((filter) => narrows(filter, table, tenantId));
      if (!isFiltered)
        throw refused(`${table.name} must be filtered by ${table.tenantColumn} where it is read.`);
    }
    for (const child of step.children) visit(child, [step, ...ancestors]);
  };
  for (const root of roots) visit(root, []);
}

/** `((a and tenant='t') and b)`: whether one of the conditions that must all hold is this one. */
function narrows(filter: string, { tenantColumn }: SharedTable, tenantId: string): boolean {
  const wanted = [`${tenantColumn}='${tenantId}'`, `'${tenantId}'=${tenantColumn}`];
  const inner = unwrapped(filter);
  if (wanted.includes(inner)) return true;
  const parts = splitAnd(inner);
  return parts.length > 1 && parts.some((part) => narrows(part, { name: '', tenantColumn }, tenantId));
}

function filtersOver(scan: PlanStep, ancestors: readonly PlanStep[]): string[] {
  const found: string[] = [];
  let below = scan;
  for (const step of ancestors) {
    const isLast = step.children.at(-1) === below;
    if (HANDS_ON.test(step.line)) {
      found.push(...filtersOf(step), ...step.children.flatMap(filtersOf));
    } else if (FILTERS.test(step.line) && isLast) {
      found.push(
        ...filtersOf(step),
        ...step.children.filter((child) => child.children.length === 0).flatMap(filtersOf),
      );
      break;
    } else break;
    below = step;
  }
  return found;
}

function filtersOf({ line, attributes }: PlanStep): string[] {
  const inline = /^Filter filter: (.*)$/.exec(line)?.[1];
  const named = attributes.flatMap((text) => /^(?:filter|symbolFilter): (.*)$/.exec(text)?.[1] ?? []);
  return [...(inline ? [inline] : []), ...named].map((filter) =>
    filter.replace(/( \[[a-z-]+\])+$/, '').trim(),
  );
}

function refuseDisguises({ text, quoted }: QueryText, { tenantColumn }: SharedTable): void {
  const assigns = new RegExp(`${tenantColumn.replaceAll(/\W/g, '\\$&')}\\s*=`, 'i');
  const disguises = quoted.some(
    (content) => /['"`]/.test(content) || assigns.test(content) || !isBalanced(content),
  );
  if (disguises || text.includes("''"))
    throw refused('A literal in it holds quotes or brackets that could be taken for a filter.');
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const { 0: bracket } of text.matchAll(/[()[\]]/g)) {
    depth += bracket === '(' || bracket === '[' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function unwrapped(filter: string): string {
  if (!filter.startsWith('(')) return filter;
  let depth = 0;
  for (const { 0: bracket, index } of filter.matchAll(/[()[\]]/g)) {
    depth += bracket === '(' || bracket === '[' ? 1 : -1;
    if (depth === 0) return index === filter.length - 1 ? filter.slice(1, -1) : filter;
  }
  return filter;
}

function splitAnd(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of text.matchAll(/[()[\]]| and | or /g)) {
    if (token === '(' || token === '[') depth += 1;
    else if (token === ')' || token === ']') depth -= 1;
    // one that only must hold if another does not
    else if (depth === 0 && token === ' or ') return [];
    else if (depth === 0) {
      parts.push(text.slice(from, index));
      from = index + token.length;
    }
  }
  return [...parts, text.slice(from)];
}
