import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { refuse } from '../verdict.ts';
import { Unexpected } from './cursor.ts';
import { PATHS } from './functions.ts';
import { bareName, type Reading, readMap, readName, readVariable } from './reading.ts';

const MAX_HOPS = 10;
const MAX_HOPS_OF_QUERY = 30;
const MAX_APART = 2;

/** The patterns of one MATCH. */
export function readPatterns(reading: Reading): string {
  const patterns = [readNamedPattern(reading)];
  while (reading.cursor.accept(',')) patterns.push(readNamedPattern(reading));
  return patterns.join(', ');
}

function readNamedPattern(reading: Reading): string {
  const { cursor, spent } = reading;
  const known = new Set(spent.variables);
  const met: string[] = [];
  const name = cursor.isNext('=', 1) ? readVariable(reading) : undefined;
  if (name !== undefined) cursor.expect('=');
  const pattern = readPathForm(reading, met) ?? readChain(reading, met);
  if (name !== undefined) spent.variables.add(bareName(name));
  if (known.size > 0 && !met.some((variable) => known.has(variable))) spent.apart += 1;
  if (spent.apart > MAX_APART)
    refuse(
      'guard.construct_refused',
      'Too many patterns that have no variable in common: every pair of their rows would be made. Connect them, or count with WITH in between.',
    );
  return name === undefined ? pattern : `${name} = ${pattern}`;
}

/** shortestPath(...) and allShortestPaths(...); undefined where neither is next. */
export function readPathForm(reading: Reading, met: string[] = []): string | undefined {
  const { cursor, graph } = reading;
  const token = cursor.peek();
  if (token.kind !== 'name' || !PATHS.has(token.text.toLowerCase()) || !cursor.isNext('(', 1))
    return undefined;
  if (graph.isShared) refuseAcross(token.text);
  cursor.next();
  cursor.expect('(');
  // the search ends at the nearest: it needs no bound, and all of them take none
  const chain = readChain(reading, met, { unbounded: true });
  cursor.expect(')');
  return `${token.text}(${chain})`;
}

interface ChainOptions {
  /** At least one relationship. */
  connected?: boolean;
  unbounded?: boolean;
}

/** `(a)-[r]->(b)...` with all labels and types known. */
export function readChain(reading: Reading, met: string[], options: ChainOptions = {}): string {
  const { cursor } = reading;
  let chain = readNode(reading, met);
  let relationships = 0;
  while (startsRelationship(reading)) {
    chain += readRelationship(reading, met, options) + readNode(reading, met);
    relationships += 1;
  }
  if (options.connected && relationships === 0) throw new Unexpected(cursor.peek(), 'a relationship');
  return chain;
}

function startsRelationship({ cursor }: Reading): boolean {
  return cursor.isNext('-') || (cursor.isNext('<') && cursor.isNext('-', 1));
}

function readNode(reading: Reading, met: string[]): string {
  const { cursor, graph } = reading;
  cursor.expect('(');
  const variable = readOptionalVariable(reading, met);
  const labels: string[] = [];
  while (cursor.accept(':')) labels.push(readName(cursor));
  const nodes = labels.map((label) => graph.node(bareName(label)));
  if (graph.isShared && labels.length === 0)
    refuse(
      'guard.relation_refused',
      'Every node needs its label here, also where its variable is known already.',
    );
  const map = readProperties(reading, ownProperties(nodes, graph.tenantId));
  cursor.expect(')');
  return `(${variable}${labels.map((label) => `:${label}`).join('')}${map})`;
}

function readRelationship(reading: Reading, met: string[], options: ChainOptions): string {
  const { cursor } = reading;
  const left = cursor.accept('<') ? '<' : '';
  cursor.expect('-');
  const detail = cursor.accept('[') ? readDetail(reading, met, options) : readNoDetail(reading);
  cursor.expect('-');
  const right = cursor.accept('>') ? '>' : '';
  return `${left}-${detail}-${right}`;
}

function readNoDetail({ graph }: Reading): string {
  if (graph.isShared) refuseUntyped();
  return '';
}

function readDetail(reading: Reading, met: string[], options: ChainOptions): string {
  const { cursor, graph } = reading;
  const variable = readOptionalVariable(reading, met);
  const types = readTypes(reading);
  const tables = types.map((type) => graph.relationship(bareName(type)));
  if (graph.isShared && types.length === 0) refuseUntyped();
  if (new Set(tables.map(({ tenantColumn }) => tenantColumn)).size > 1)
    refuse('guard.relation_refused', 'These relationship types cannot be asked for together: ask for each.');
  const hops = cursor.accept('*') ? readHops(reading, options) : '';
  const map = readProperties(reading, ownProperties(tables, graph.tenantId));
  cursor.expect(']');
  return `[${variable}${types.length > 0 ? `:${types.join('|')}` : ''}${hops}${map}]`;
}

function readTypes({ cursor }: Reading): string[] {
  if (!cursor.accept(':')) return [];
  const types = [readName(cursor)];
  while (cursor.accept('|')) {
    cursor.accept(':');
    types.push(readName(cursor));
  }
  return types;
}

/** After the star: `2`, `1..3`, `..3`; an end must be there. */
function readHops({ cursor, graph, spent }: Reading, { unbounded }: ChainOptions): string {
  if (graph.isShared) refuseAcross('A path of several relationships');
  const from = readWholeNumber();
  const isRange = cursor.accept('..');
  const to = isRange ? readWholeNumber() : from;
  if (to === undefined && !unbounded)
    refuse('guard.construct_refused', `A path needs an end: write *1..5, at most ${MAX_HOPS}.`);
  if ((to ?? 0) > MAX_HOPS)
    refuse('guard.construct_refused', `A path may have at most ${MAX_HOPS} relationships.`);
  spent.hops += to ?? MAX_HOPS;
  if (spent.hops > MAX_HOPS_OF_QUERY)
    refuse(
      'guard.construct_refused',
      `All paths together may have at most ${MAX_HOPS_OF_QUERY} relationships.`,
    );
  return isRange ? `*${from ?? ''}..${to ?? ''}` : `*${from ?? ''}`;

  function readWholeNumber(): number | undefined {
    const { kind, text } = cursor.peek();
    if (kind !== 'number') return undefined;
    if (!/^\d{1,6}$/.test(text)) throw new Unexpected(cursor.peek(), 'a number of relationships');
    cursor.next();
    return Number(text);
  }
}

function readOptionalVariable(reading: Reading, met: string[]): string {
  const { kind } = reading.cursor.peek();
  if (kind !== 'name' && kind !== 'quoted') return '';
  const variable = readVariable(reading);
  met.push(bareName(variable));
  reading.spent.variables.add(bareName(variable));
  return variable;
}

function readProperties(reading: Reading, own: ReadonlyMap<string, string>): string {
  return reading.cursor.isNext('{') || own.size > 0 ? ` ${readMap(reading, own)}` : '';
}

/** The property that cuts a node or relationship down to the tenant's. */
function ownProperties(tables: readonly CatalogTable[], tenantId: string): Map<string, string> {
  const value = `'${tenantId.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
  const columns = tables.flatMap(({ tenantColumn }) => tenantColumn ?? []);
  if (columns.some((column) => column.includes('`')))
    refuse('guard.relation_refused', 'The tenant’s property cannot be written in a query.');
  return new Map(columns.map((column) => [column, value]));
}

function refuseUntyped(): never {
  refuse('guard.relation_refused', 'Every relationship needs its type here.');
}

function refuseAcross(what: string): never {
  refuse(
    'guard.construct_refused',
    `${what} is not supported here: nodes between could be another’s. Write each step.`,
  );
}
