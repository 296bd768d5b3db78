import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { type Branch, isBranch, listed, under } from '../branch.ts';
import { refuse } from '../verdict.ts';
import { isAllowed } from './allowed.ts';
import { FUNCTIONS, HIDDEN_COLUMNS, TABLE_FUNCTIONS, UNIT_FUNCTIONS, UNITS } from './functions.ts';
import { checkScalar, spellName } from './names.ts';
import type { SparkParser } from './parser.ts';
import { resolveTable, type Scope } from './relations.ts';
import { assertSmall, isSized } from './sizes.ts';
import { tenantFilter, tenantFiltered } from './tenant-filter.ts';
import { expression, isAbsent, nameIn } from './tree.ts';

export interface CheckContext {
  parser: SparkParser;
  tenantId: string;
  tables: readonly CatalogTable[];
  /** Columns of the catalog, in lower case: a name hidden elsewhere is a column here. */
  columns: ReadonlySet<string>;
  /** The text is the guard's own print: its tenant filters must be in place, and are not written again. */
  isPrinted: boolean;
}

/** Tables of the catalog that are read, and names that a WITH brought. */
export interface Checked {
  tables: ReadonlySet<string>;
  ctes: ReadonlySet<string>;
}

const MAX_RELATIONS = 40;
const MAX_UNBOUND_JOINS = 3;
/** What may stand where a table does. */
const RELATIONS = new Set(
  'table subquery values pivot unpivot function explode explode_outer lateral joined_table alias table_sample'.split(
    ' ',
  ),
);
const GROUPINGS = new Set(['grouping sets', 'rollup', 'cube']);

/**
 * Walks every node of a statement: what is not known is refused. Writes into the tree: full names of tables, tenant filters, quotes around
 * names that need them; takes comments and hints out.
 */
export function checkStatement(statement: Branch, context: CheckContext): Checked {
  const checked = { tables: new Set<string>(), ctes: new Set<string>() };
  /** References that stand in their tenant's filter. */
  const filtered = new WeakSet<Branch>();
  /** Calls that stand where a table does. */
  const asTables = new WeakSet<Branch>();
  /** Units, which look like columns. */
  const units = new WeakSet<Branch>();
  let relations = 0;
  let unboundJoins = 0;
  visitBranch('', statement, { scope: new Map(), isInSized: false });
  return checked;

  interface Place {
    scope: Scope;
    isInSized: boolean;
  }

  function visit(owner: string, value: unknown, place: Place): void {
    if (Array.isArray(value)) for (const element of value) visit(owner, element, place);
    else if (isBranch(value)) visitBranch(owner, value, place);
  }

  function visitBranch(owner: string, branch: Branch, place: Place): void {
    if ('raw' in branch) openRaw(branch, context.parser);
    const children = Object.keys(branch);
    for (const child of children) {
      const value = branch[child];
      if (value === null || value === false || child === 'span') {
        if (children.length === 1 && !isAllowed(owner, child)) refuseConstruct(owner, child);
      } else if (child === 'hint') {
        branch[child] = null;
      } else if (child.endsWith('comments')) {
        branch[child] = [];
      } else if (!isAllowed(owner, child) && !isAbsent(value)) refuseConstruct(owner, child);
    }
    if ('quoted' in branch && !('args' in branch) && !units.has(branch)) spellName(branch);
    const node = children.length === 1 ? expression(branch) : null;
    const within = node === null ? place : enter(branch, node.kind, node.content, place);
    const scope = withScope(branch, within);
    const scoped = scope === within.scope ? within : { ...within, scope };
    for (const child of Object.keys(branch)) {
      const value = branch[child];
      if (child === 'with' || child === 'span' || isAbsent(value)) continue;
      if (typeof value === 'object') visit(child, value, scoped);
      else checkScalar(owner, child, value, branch);
    }
  }

  /** What is special about one kind of expression. */
  function enter(branch: Branch, kind: string, content: Branch, place: Place): Place {
    if (kind === 'table' && isBranch(content['name'])) return enterTable(branch, content, place);
    if (kind === 'select') enterSelect(content, place);
    if (kind === 'function' || kind === 'aggregate_function') return enterFunction(content, place);
    if (kind === 'ceil' || kind === 'floor')
      assertSmall(
        kind,
        [0, content['decimals'] ?? content['scale']].filter((arg) => arg !== null && arg !== undefined),
      );
    if (kind === 'column') checkColumn(content);
    if (['lateral', 'pivot', 'unpivot', 'table_sample'].includes(kind)) assertRelation(content['this']);
    if (kind === 'joined_table') {
      assertRelation(content['left']);
      checkJoins(content);
    }
    return place;
  }

  function enterTable(branch: Branch, content: Branch, place: Place): Place {
    if (++relations > MAX_RELATIONS)
      refuse('guard.too_deep', `The query names more than ${MAX_RELATIONS} tables.`);
    const table = resolveTable(content, place.scope, context.tables);
    if (table !== null) checked.tables.add(table.name);
    if (table === null || table.tenantColumn === null || filtered.has(content)) return place;
    if (context.isPrinted) refuse('guard.relation_refused', 'A table is read without its tenant filter.');
    const filter = tenantFilter(context.parser, content, table, context.tenantId);
    delete branch['table'];
    Object.assign(branch, filter);
    return place;
  }

  function enterFunction(content: Branch, place: Place): Place {
    const name = typeof content['name'] === 'string' ? content['name'].toLowerCase() : '';
    const isKnown = asTables.has(content)
      ? TABLE_FUNCTIONS.has(name)
      : FUNCTIONS.has(name) || GROUPINGS.has(name);
    if (!isKnown)
      refuse('guard.function_refused', `The function ${shown(name)} is not among those a query may call.`);
    content['quoted'] = false;
    const args: unknown[] = Array.isArray(content['args']) ? content['args'] : [];
    if (UNIT_FUNCTIONS.has(name) && args.length === 3) markUnit(args[0]);
    if (isSized(name) && place.isInSized)
      refuse('guard.construct_refused', `${name} stands within another function that makes things larger.`);
    assertSmall(name, args);
    return isSized(name) ? { ...place, isInSized: true } : place;
  }

  function checkColumn(content: Branch): void {
    const name = nameIn(content, 'name')?.toLowerCase() ?? '';
    const of = nameIn(content, 'table')?.toLowerCase() ?? '';
    const isHidden = HIDDEN_COLUMNS.has(name) || (of.startsWith('_') && HIDDEN_COLUMNS.has(of));
    if (isHidden && !context.columns.has(name))
      refuse(
        'guard.construct_refused',
        'The query asks for a column that tells of the engine, not of the data.',
      );
  }

  function markUnit(argument: unknown): void {
    const { content = {} } = expression(argument) ?? {};
    const unit = nameIn(content, 'name');
    if (unit !== null && UNITS.has(unit.toLowerCase()) && isAbsent(content['table']))
      units.add(under(content, 'name'));
  }

  function enterSelect(select: Branch, { scope }: Place): void {
    const reference = tenantFiltered(select, scope, context);
    if (reference !== null) filtered.add(reference);
    const sources = listed(under(select, 'from'), 'expressions');
    for (const source of sources) assertRelation(source);
    checkUnbound(Math.max(0, sources.filter((source) => !isLateral(source)).length - 1));
    checkJoins(select);
  }

  function checkJoins(owner: Branch): void {
    for (const join of listed(owner, 'joins')) {
      assertRelation(join['this']);
      const isBound = !isAbsent(join['on']) || !isAbsent(join['using']) || join['kind'] === 'Natural';
      if (!isBound && !isLateral(join['this'])) checkUnbound(1);
    }
  }

  function checkUnbound(more: number): void {
    unboundJoins += more;
    if (unboundJoins > MAX_UNBOUND_JOINS)
      refuse(
        'guard.construct_refused',
        `The query joins more than ${MAX_UNBOUND_JOINS} times without a condition.`,
      );
  }

  /** The names of a WITH are known from where they stand on, and in all of its query. */
  function withScope(branch: Branch, { scope, isInSized }: Place): Scope {
    if (isAbsent(branch['with'])) return scope;
    const clause = under(branch, 'with');
    for (const key of Object.keys(clause)) {
      if (key.endsWith('comments')) clause[key] = [];
      else if (!isAbsent(clause[key]) && !isAllowed('with', key)) refuseConstruct('with', key);
    }
    const known = new Map(scope);
    for (const cte of listed(clause, 'ctes')) {
      const name = nameIn(cte, 'alias');
      if (name === null) return refuse('guard.construct_refused', 'A WITH has no name.');
      visitBranch('ctes', cte, { scope: known, isInSized });
      known.set(name.toLowerCase(), name);
      checked.ctes.add(name.toLowerCase());
    }
    return known;
  }

  function assertRelation(value: unknown): void {
    const outer = expression(value);
    const node = outer?.kind === 'alias' ? expression(outer.content['this']) : outer;
    if (!node || !RELATIONS.has(node.kind) || (node.kind === 'alias' && outer?.kind === 'alias'))
      refuse('guard.construct_refused', 'The query reads from something that is no table.');
    if (node.kind === 'function') asTables.add(node.content);
  }
}

/** Only the parser's own NOT .. LIKE comes as text; it is parsed by itself. */
function openRaw(branch: Branch, parser: SparkParser): void {
  const { sql } = under(branch, 'raw');
  const [, rest] = (typeof sql === 'string' && /^NOT\s([\s\S]+)$/i.exec(sql)) || [];
  if (rest === undefined) refuseConstruct('raw', 'text');
  const select = under(parser.parse(`SELECT NOT (${rest})`), 'select');
  const [opened, ...others] = listed(select, 'expressions');
  const held = Object.keys(select).filter((key) => !isAbsent(select[key]));
  if (opened === undefined || others.length > 0 || held.length > 1) refuseConstruct('raw', 'text');
  delete branch['raw'];
  Object.assign(branch, opened);
}

function isLateral(value: unknown): boolean {
  const node = expression(value);
  return node !== null && (node.kind === 'lateral' || node.content['lateral'] === true);
}

function shown(name: string): string {
  return /^[a-z0-9_]{1,40}$/.test(name) ? name : 'that is called';
}

function refuseConstruct(owner: string, child: string): never {
  if (owner === '')
    return refuse('guard.not_read_only', 'Only queries run: SELECT, WITH, VALUES and sets of them.');
  const part = child.replaceAll('_', ' ').toLowerCase().slice(0, 40);
  return refuse(
    'guard.construct_refused',
    `A query may not use this: ${part} (in ${owner.replaceAll('_', ' ')}).`,
  );
}
