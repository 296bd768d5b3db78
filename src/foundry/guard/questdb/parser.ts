import { type Branch, isBranch } from '../branch.ts';
import { refuse } from '../verdict.ts';

export interface QuestdbParser {
  /** The one statement of a text. */
  parse(query: string): Branch;
  print(statement: Branch): string;
}

/** Loads QuestDB's own parser; the import is cached. */
export async function loadQuestdbParser(): Promise<QuestdbParser> {
  const { parseToAst, toSql } = await import('@questdb/sql-parser');
  return {
    parse(query) {
      const { ast, errors } = parseToAst(query);
      const [error] = errors;
      if (error !== undefined) {
        const place =
          error.line === undefined || Number.isNaN(error.line)
            ? ''
            : ` (line ${error.line}, column ${error.column})`;
        refuse('guard.unparsable', `The query is no QuestDB SQL${place}.`);
      }
      const [statement, ...others]: unknown[] = ast;
      if (others.length > 0) refuse('guard.several_statements', 'Only one statement is run.');
      if (!isBranch(statement)) return refuse('guard.unparsable', 'The query is empty.');
      return statement;
    },
    // the printer takes the parser's own trees, which this is: checked node by node, and read again once printed
    print: (statement) => Reflect.apply(toSql, null, [statement]),
  };
}
