import type { Guard } from '../../../domain/foundry/guard.ts';
import { assertParsable } from '../limits.ts';
import { judged, refuse } from '../verdict.ts';
import { type CheckContext, checkStatement } from './check.ts';
import { limitRows, rowsOf } from './limit.ts';
import { loadQuestdbParser } from './parser.ts';
import { assertSafeText } from './text.ts';

/**
 * Judges QuestDB's SQL. What it allows was printed from the checked tree and then read again, as if somebody else had written it: by the
 * parser, which must find the same tables in it, and token by token.
 */
export const guardQuestdb: Guard = ({ query, tables, tenantId, maxRows }) =>
  judged(async () => {
    assertParsable(query);
    const parser = await loadQuestdbParser();
    const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name.toLowerCase())));
    const context: CheckContext = { tenantId, tables, columns, isPrinted: false };
    const parsed = parser.parse(query);
    const named = checkStatement(parsed, context);
    const { statement, limited } = limitRows(parsed, maxRows);
    const text = parser.print(statement);
    assertSafeText(text);
    const again = parser.parse(text);
    const found = checkStatement(again, { ...context, isPrinted: true });
    const rows = rowsOf(again['limit']);
    if (found.size !== named.size || rows === null || rows > maxRows)
      refuse('guard.unparsable', 'The query cannot be printed safely: simplify it.');
    return { query: text, limited };
  });
