import { InvalidError } from '../../../errors.ts';

/** What a plan that only reads and computes is made of. Anything else is refused: files, scripts, views, commands, what is not known here. */
const NODES = new Set([
  'Aggregate',
  'CTERelationDef',
  'CTERelationRef',
  'Deduplicate',
  'Distinct',
  'Except',
  'Expand',
  'Filter',
  'Generate',
  'GlobalLimit',
  'Intersect',
  'Join',
  'LateralJoin',
  'LocalLimit',
  'LocalRelation',
  'Offset',
  'OneRowRelation',
  'Project',
  'Range',
  'Repartition',
  'RepartitionByExpression',
  'ResolvedHint',
  'Sample',
  'Sort',
  'SubqueryAlias',
  'Tail',
  'Union',
  'Window',
  'WithCTE',
]);
const ANALYZED = '\n== Analyzed Logical Plan ==\n';
const OPTIMIZED = '\n== Optimized Logical Plan ==\n';

/** However they were named in the statement. */
const REFLECTION = /\b(?:reflect2?|java_method|try_reflect|in_file)\s*\(/i;

/**
 * Reads what `EXPLAIN EXTENDED` says, where every name has been resolved by Spark itself, and refuses a statement that reads anything but
 * tables of these namespaces. The statement's text must have been checked: a line break in it would be a line here.
 * Throws InvalidError `lakehouse.refused`.
 */
export function checkPlan(explained: string, catalog: string, namespaces: readonly string[]): void {
  const [, analyzed = ''] = explained.split(ANALYZED);
  const [plan = '', rest] = analyzed.split(OPTIMIZED);
  // its first line names the columns
  const [, ...lines] = plan.split('\n');
  if (rest === undefined || lines.length === 0) throw refused('it cannot be planned');
  const own = namespaces.map((namespace) => `${quotedIfNeeded(catalog)}.${quotedIfNeeded(namespace)}.`);
  for (const line of lines) checkNode(line.replace(/^[\s:|+-]*/, ''), own);
}

/** The same of a statement that Spark cannot plan: of the names it was written with. */
export function checkNames(explained: string, catalog: string, namespaces: readonly string[]): void {
  const [parsed = ''] = explained.split(ANALYZED);
  for (const [, name = ''] of parsed.matchAll(/^[\s:|+-]*'UnresolvedRelation \[(.*?)\], \[/gm)) {
    const parts = name.split(', ');
    const [namespace = ''] = parts.slice(-2);
    const isOwn = parts.length === 1 || namespaces.includes(namespace);
    if (!isOwn || parts.length > 3 || (parts.length === 3 && parts[0] !== catalog)) throw outside();
  }
}

/**
 * A table and nothing below it (`t.files` tells where files are), then what it calls itself. A table found by its path calls itself so, and a
 * path has slashes.
 */
const TABLE_NAME = /^(?:\w+|`(?:[^`/]|``)+`)(?: [^/]*)?$/;

function checkNode(node: string, own: readonly string[]): void {
  const [name = ''] = /^[A-Za-z]\w*/.exec(node) ?? [];
  if (REFLECTION.test(node)) throw refused('it calls what is not allowed');
  if (node === '' || NODES.has(name)) return;
  if (name !== 'RelationV2') throw refused('it does what queries here cannot do, or reads what is no table');
  const relation = node.slice(node.lastIndexOf('] ') + 2);
  const isOwn = own.some(
    (prefix) => relation.startsWith(prefix) && TABLE_NAME.test(relation.slice(prefix.length)),
  );
  if (!isOwn) throw outside();
}

/** As Spark prints names. */
function quotedIfNeeded(name: string): string {
  return /^\w+$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

function outside(): InvalidError {
  return refused('it reads a table outside of the namespace');
}

function refused(why: string): InvalidError {
  return new InvalidError('lakehouse.refused', `The query is refused: ${why}.`);
}
