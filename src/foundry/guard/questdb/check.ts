import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { type Branch, isBranch, listed, under } from '../branch.ts';
import { refuse } from '../verdict.ts';
import { fieldsOf } from './allowed.ts';
import { FUNCTIONS, HIDDEN_COLUMNS, TABLE_FUNCTIONS } from './functions.ts';
import { resolveTable, type Scope, tenantFilter, tenantFiltered } from './relations.ts';
import { assertSmall } from './sizes.ts';
import { partsOf, textIn } from './tree.ts';
import { checkText } from './words.ts';

export interface CheckContext {
  tenantId: string;
  tables: readonly CatalogTable[];
  /** Columns of the catalog, in lower case: a name hidden elsewhere is a column here. */
  columns: ReadonlySet<string>;
  /** The text is the guard's own print: its tenant filters must be in place, and are not written again. */
  isPrinted: boolean;
}

const MAX_RELATIONS = 40;
const MAX_UNBOUND_JOINS = 3;
/** Joins by time need no condition. */
const JOINS_BY_TIME = new Set(['asof', 'lt', 'splice', 'window']);

/**
 * Walks every node of a statement: what is not known is refused. Writes into the tree: names of tables, tenant filters, SELECT where it was
 * left out. Answers the tables that are read.
 */
export function checkStatement(statement: Branch, context: CheckContext): ReadonlySet<string> {
  const named = new Set<string>();
  /** References that stand in their tenant's filter. */
  const filtered = new WeakSet<Branch>();
  let relations = 0;
  let unboundJoins = 0;
  if (statement['type'] !== 'select')
    refuse('guard.not_read_only', 'Only queries run: SELECT, WITH and sets of them.');
  visit('', statement, new Set());
  return named;

  function visit(key: string, branch: Branch, scope: Scope): void {
    const known = fieldsOf(branch['type'], key);
    for (const [child, value] of Object.entries(branch))
      if (value !== undefined && known?.has(child) !== true) refuseConstruct(branch, child);
    if (known === null) refuseConstruct(branch, key);
    const inner = enter(branch, scope);
    for (const [child, value] of Object.entries(branch)) {
      if (child === 'with') continue;
      for (const held of Array.isArray(value) ? value.flat(8) : [value]) {
        if (isBranch(held)) visit(child, held, inner);
        else if (typeof held === 'string' && child !== 'type') checkText(branch, child, held);
      }
    }
  }

  /** What is special about one kind of node. Answers the scope of what it holds. */
  function enter(branch: Branch, scope: Scope): Scope {
    switch (branch['type']) {
      case 'select':
        return enterSelect(branch, scope);
      case 'tableRef':
        enterReference(branch, scope);
        break;
      case 'tableFunctionCall':
        checkCall(branch, TABLE_FUNCTIONS);
        break;
      case 'function':
        checkCall(branch, FUNCTIONS);
        break;
      case 'column':
        checkColumn(branch);
        break;
      case 'sampleBy':
        checkSamples(branch);
        break;
    }
    return scope;
  }

  function enterSelect(select: Branch, scope: Scope): Scope {
    const inner = withScope(select, scope);
    const reference = tenantFiltered(select, inner, context);
    if (reference !== null) filtered.add(reference);
    // printed as SELECT * FROM, which is what it means
    delete select['implicit'];
    const sources = listed(select, 'from');
    const joins = sources.flatMap((source) => listed(source, 'joins'));
    if (sources.length > 1 && joins.length > 0)
      refuse('guard.construct_refused', 'Tables are listed with commas or joined by JOIN, not both.');
    const isBound = (join: Branch) =>
      isBranch(join['on']) || JOINS_BY_TIME.has(textIn(join, 'joinType') ?? '');
    unboundJoins += Math.max(0, sources.length - 1) + joins.filter((join) => !isBound(join)).length;
    if (unboundJoins > MAX_UNBOUND_JOINS)
      refuse(
        'guard.construct_refused',
        `The query joins more than ${MAX_UNBOUND_JOINS} times without a condition.`,
      );
    return inner;
  }

  /** The names of a WITH are known from where they stand on, and in all of its query. */
  function withScope(select: Branch, scope: Scope): Scope {
    const known = new Set(scope);
    for (const cte of listed(select, 'with')) {
      visit('with', cte, new Set(known));
      known.add((textIn(cte, 'name') ?? '').toLowerCase());
    }
    return known;
  }

  function enterReference(reference: Branch, scope: Scope): void {
    const name = under(reference, 'table');
    if (!['qualifiedName', 'select', 'tableFunctionCall'].includes(textIn(name, 'type') ?? ''))
      refuse('guard.construct_refused', 'The query reads from something that is no table.');
    if (name['type'] !== 'qualifiedName') return;
    if (++relations > MAX_RELATIONS)
      refuse('guard.too_deep', `The query names more than ${MAX_RELATIONS} tables.`);
    const table = resolveTable(name, scope, context.tables);
    if (table !== null) named.add(table.name);
    if (table === null || table.tenantColumn === null || filtered.has(reference)) return;
    if (context.isPrinted) refuse('guard.relation_refused', 'A table is read without its tenant filter.');
    reference['table'] = tenantFilter(table, context.tenantId);
    reference['alias'] ??= table.name;
  }

  function checkCall(call: Branch, allowed: ReadonlySet<string>): void {
    const name = textIn(call, 'name')?.toLowerCase() ?? '';
    if (!allowed.has(name)) {
      const shown = /^[a-z0-9_]{1,40}$/.test(name) ? name : 'that is called';
      refuse('guard.function_refused', `The function ${shown} is not among those a query may call.`);
    }
    assertSmall(name, Array.isArray(call['args']) ? call['args'] : []);
  }

  function checkColumn(column: Branch): void {
    const name = partsOf(under(column, 'name')).at(-1)?.toLowerCase() ?? '';
    if (HIDDEN_COLUMNS.has(name) && !context.columns.has(name))
      refuse(
        'guard.construct_refused',
        'The query asks for a column that tells of the engine, not of the data.',
      );
  }
}

/** A row for every microsecond of a year is no answer. */
function checkSamples(sampleBy: Branch): void {
  const fill = Array.isArray(sampleBy['fill']) ? sampleBy['fill'] : [];
  const isFilled = fill.some((value) => typeof value !== 'string' || value.toLowerCase() !== 'none');
  if (isFilled && /[nUT]$/.test(textIn(sampleBy, 'duration') ?? ''))
    refuse('guard.construct_refused', 'Gaps are filled in samples of a second or longer only.');
}

function refuseConstruct(branch: Branch, child: string): never {
  const where = typeof branch['type'] === 'string' ? ` (in ${branch['type'].slice(0, 40)})` : '';
  return refuse('guard.construct_refused', `A query may not use this: ${child.slice(0, 40)}${where}.`);
}
