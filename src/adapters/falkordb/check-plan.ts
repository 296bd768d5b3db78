import { InvalidError } from '../../errors.ts';
import type { Session } from './session.ts';

/** What may stand in the server's plan of a query. `Load CSV`, which opens files and addresses, and all that writes are not here. */
const STEPS = new Set([
  'Results',
  'Project',
  'Aggregate',
  'Filter',
  'Sort',
  'Limit',
  'Skip',
  'Distinct',
  'Unwind',
  'Argument',
  'Argument List',
  'Join',
  'Apply',
  'Optional',
  'Cartesian Product',
  'Value Hash Join',
  'Semi Apply',
  'Anti Semi Apply',
  'OR Apply Multiplexer',
  'AND Apply Multiplexer',
  'All Node Scan',
  'Node By Label Scan',
  'Node By Label and ID Scan',
  'Node By Index Scan',
  'Edge By Index Scan',
  'NodeByIdSeek',
  'Conditional Traverse',
  'Optional Conditional Traverse',
  'Conditional Variable Length Traverse',
  'Conditional Variable Length Traverse (Expand Into)',
  'Expand Into',
  'All Shortest Paths',
  'Empty Row',
  'EmptyRow',
  'ProcedureCall',
]);
/** Procedures that only read this graph. The plan does not name the one it calls. */
const PROCEDURES = new Set([
  'db.labels',
  'db.relationshiptypes',
  'db.propertykeys',
  'db.indexes',
  'db.constraints',
  'db.meta.stats',
  'db.idx.fulltext.querynodes',
  'db.idx.fulltext.queryrelationships',
  'db.idx.vector.querynodes',
  'db.idx.vector.queryrelationships',
  'algo.bfs',
  'algo.sppaths',
  'algo.sspaths',
  'algo.pagerank',
  'algo.wcc',
  'algo.betweenness',
  'algo.labelpropagation',
  'algo.msf',
]);

/** Refuses a query whose plan, by the server's own word, does more than read the graph. Throws InvalidError `foundry.query_failed`. */
export async function checkPlan(session: Session, graph: string, query: string): Promise<void> {
  checkText(query);
  const plan = await session.call('GRAPH.EXPLAIN', graph, query);
  const steps = [plan].flat().map((line) => String(line).split('|')[0]?.trim() ?? '');
  const unknown = steps.find((step) => !STEPS.has(step));
  if (unknown !== undefined) throw refused(`"${unknown}" is not reading a graph.`);
}

/** Before the server sees it: a comment within a procedure's name ends FalkorDB 4.16 altogether. */
function checkText(query: string): void {
  const bare = query.replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, "''").replaceAll('`', '');
  if (/\/[/*]/.test(bare)) throw refused('It holds a comment.');
  for (const [, name = ''] of bare.matchAll(/\bcall\s+([\w.\s]+?)\s*(?:\(|\byield\b|$)/gi))
    if (!PROCEDURES.has(name.replaceAll(/\s/g, '').toLowerCase()))
      throw refused('It calls a procedure that is not for queries.');
}

function refused(reason: string): InvalidError {
  return new InvalidError('foundry.query_failed', `The query is refused. ${reason}`);
}
