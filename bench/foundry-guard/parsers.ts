import type { Dialect } from '../../src/domain/foundry/catalog.ts';

/** The parser of a dialect, by itself; null where the guard and its parser are one. */
export async function parserOf(dialect: Dialect): Promise<((query: string) => unknown) | null> {
  switch (dialect) {
    case 'spark': {
      const { parse, Dialect: Named } = await import('@polyglot-sql/sdk');
      return (query) => parse(query, Named.Spark);
    }
    case 'questdb': {
      const { parseToAst } = await import('@questdb/sql-parser');
      return parseToAst;
    }
    case 'postgres': {
      const { loadModule, parseSync } = await import('libpg-query');
      await loadModule();
      return parseSync;
    }
    case 'cypher':
      return null;
  }
}
