import { refuse } from '../verdict.ts';
import { type Branch, isBranch } from './tree.ts';

export interface SparkParser {
  /** The one statement of a text. */
  parse(query: string): Branch;
  print(statement: Branch): string;
}

/** Loads the parser (WASM, some 20 MB); the import is cached. */
export async function loadSparkParser(): Promise<SparkParser> {
  const { parse, generate, Dialect } = await import('@polyglot-sql/sdk');
  return {
    parse(query) {
      const { success, ast, error } = parse(query, Dialect.Spark);
      if (!success) return refuseText(error ?? '');
      const [statement, ...others]: unknown[] = Array.isArray(ast) ? ast : [];
      if (others.length > 0) refuse('guard.several_statements', 'Only one statement is run.');
      if (!isBranch(statement)) return refuse('guard.unparsable', 'The query is empty.');
      return statement;
    },
    print(statement) {
      // what is no array goes to the printer as JSON, which takes it a quarter of the time that an array of objects takes
      const [text, ...others] = generate({ toJSON: () => [statement] }, Dialect.Spark).sql ?? [];
      if (text === undefined || others.length > 0)
        return refuse('guard.unparsable', 'The query cannot be printed.');
      return text;
    },
  };
}

function refuseText(error: string): never {
  if (/E_GUARD_|call stack/.test(error)) refuse('guard.too_deep', 'The query is nested too deep.');
  const place = /line (\d+), column (\d+)/.exec(error);
  return refuse(
    'guard.unparsable',
    `The query is no Spark SQL${place ? ` from line ${place[1]}, column ${place[2]} on` : ''}.`,
  );
}
