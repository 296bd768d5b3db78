import { type Branch, isBranch } from '../branch.ts';
import { refuse } from '../verdict.ts';

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
      const [text, ...others] = generate({ toJSON: () => [printable(statement)] }, Dialect.Spark).sql ?? [];
      if (text === undefined || others.length > 0)
        return refuse('guard.unparsable', 'The query cannot be printed.');
      return text;
    },
  };
}

/** Without what the printer does not look at, places and comments that are not there: half of the tree's JSON, and of the time to read it. */
function printable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null) return value;
  const fields: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    if (name !== 'span' && !isNoComment(name, inner)) fields.push([name, printable(inner)]);
  }
  return Object.fromEntries(fields);
}

function isNoComment(name: string, value: unknown): boolean {
  return name.endsWith('comments') && Array.isArray(value) && value.length === 0;
}

function refuseText(error: string): never {
  if (/E_GUARD_|call stack/.test(error)) refuse('guard.too_deep', 'The query is nested too deep.');
  const place = /line (\d+), column (\d+)/.exec(error);
  return refuse(
    'guard.unparsable',
    `The query is no Spark SQL${place ? ` from line ${place[1]}, column ${place[2]} on` : ''}.`,
  );
}
