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

/**
 * Reads what `EXPLAIN EXTENDED` says, where every name has been resolved by Spark itself, and refuses a statement that reads anything but
 * tables of this namespace. The statement's text must have been checked: a line break in it would be a line here.
 * Throws InvalidError `lakehouse.refused`.
 */
export function checkPlan(explained: string, catalog: string, namespace: string): void {
  const [, analyzed = ''] = explained.split(ANALYZED);
  const [plan = '', rest] = analyzed.split(OPTIMIZED);
  // its first line names the columns
  const [, ...lines] = plan.split('\n');
  if (rest === undefined || lines.length === 0) throw refused('it cannot be planned');
  const own = `${quotedIfNeeded(catalog)}.${quotedIfNeeded(namespace)}.`;
  for (const line of lines) checkNode(line.replace(/^[\s:|+-]*/, ''), own);
}

function checkNode(node: string, own: string): void {
  const [name = ''] = /^[A-Za-z]\w*/.exec(node) ?? [];
  if (node === '' || NODES.has(name)) return;
  if (name !== 'RelationV2') throw refused('it does what queries here cannot do, or reads what is no table');
  const relation = node.slice(node.lastIndexOf('] ') + 2);
  if (!relation.startsWith(own)) throw refused('it reads a table outside of the namespace');
}

/** As Spark prints names. */
function quotedIfNeeded(name: string): string {
  return /^\w+$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

function refused(why: string): InvalidError {
  return new InvalidError('lakehouse.refused', `The query is refused: ${why}.`);
}
