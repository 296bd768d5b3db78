import type { Guard } from '../../../domain/foundry/guard.ts';
import { assertParsable } from '../limits.ts';
import { judged, refuse } from '../verdict.ts';
import { type CheckContext, checkStatement } from './check.ts';
import { limitOf, limitRows } from './limit.ts';
import { loadSparkParser } from './parser.ts';
import { assertSafeText } from './text.ts';

/**
 * Judges Spark SQL. What it allows was printed from the checked tree and then read again, as if somebody else had written it: by the parser,
 * which must find the same tables in it, and token by token.
 */
export const guardSpark: Guard = ({ query, tables, tenantId, maxRows }) =>
  judged(async () => {
    assertParsable(query);
    const parser = await loadSparkParser();
    const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name.toLowerCase())));
    const context: CheckContext = { parser, tenantId, tables, columns, isPrinted: false };
    const parsed = parser.parse(query);
    const checked = checkStatement(parsed, context);
    const { statement, limited } = limitRows(parser, parsed, maxRows);
    const text = parser.print(statement);
    assertSafeText(text, checked.ctes);
    const again = parser.parse(text);
    const found = checkStatement(again, { ...context, isPrinted: true });
    const rows = limitOf(again);
    const isSame = found.tables.size === checked.tables.size && rows !== null && rows <= maxRows;
    if (!isSame) refuse('guard.unparsable', 'The query cannot be printed safely: simplify it.');
    return { query: text, limited };
  });
