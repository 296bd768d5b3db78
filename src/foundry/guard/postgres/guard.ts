import { loadModule, SqlError } from 'libpg-query';
import type { Guard, GuardRequest } from '../../../domain/foundry/guard.ts';
import { assertParsable } from '../limits.ts';
import { judged, refuse } from '../verdict.ts';
import { assertBounded } from './bounds.ts';
import { assertKnownColumns } from './columns.ts';
import { printFaithfully, statementsOf } from './print.ts';
import { assertRecursionCanEnd } from './recursion.ts';
import { type Qualifiers, resolveRelations } from './relations.ts';
import { withRowLimit } from './row-limit.ts';
import { assertHarmless } from './rules.ts';
import { everyNode } from './shape.ts';
import { ownTables } from './tables.ts';
import { inside, type PgFields, type PgValue } from './tree.ts';

/** Judges a query for Postgres with Postgres' own parser. */
export const guardPostgres: Guard = (request) =>
  judged(async () => {
    await loadModule();
    return judge(request);
  });

function judge({ query, tables, tenantId, maxRows }: GuardRequest): { query: string; limited: boolean } {
  assertParsable(query);
  const statement = onlySelect(parsed(query));
  const found = everyNode({ SelectStmt: statement });
  assertHarmless(found);
  assertBounded(found);
  assertRecursionCanEnd(found);
  const own = ownTables(tables);
  const qualifiers: Qualifiers = { tables: new Map(), derived: new Set() };
  const resolved = resolveRelations(statement, { own, tenantId, qualifiers });
  assertKnownColumns(found, qualifiers, own);
  const { select, limited } = withRowLimit(resolved, maxRows);
  return { query: printFaithfully(select), limited };
}

function parsed(query: string): PgValue[] {
  try {
    return statementsOf(query);
  } catch (error) {
    const words = error instanceof SqlError ? error.message : 'it cannot be read';
    refuse('guard.unparsable', `The query is no Postgres SQL: ${words}.`);
  }
}

function onlySelect(statements: PgValue[]): PgFields {
  const [statement, ...more] = statements;
  if (statement === undefined) refuse('guard.unparsable', 'The query holds no statement.');
  if (more.length > 0) refuse('guard.several_statements', 'The query holds several statements: send one.');
  const select = inside(statement, 'SelectStmt');
  if (!select)
    refuse('guard.not_read_only', 'Only one SELECT is run: nothing is written, set, created or called.');
  return select;
}
