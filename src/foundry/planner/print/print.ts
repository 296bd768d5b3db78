import type { Understanding } from '../read/read.ts';
import { printCypher } from './cypher.ts';
import { POSTGRES, SPARK } from './dialects.ts';
import { printQuestdb } from './questdb.ts';
import { type Printed, printSql } from './sql.ts';

/** The one query that answers a question as it was understood, in the language of its store. */
export function printQuery(understanding: Understanding): Printed {
  switch (understanding.scope.source.dialect) {
    case 'postgres':
      return printSql(understanding, POSTGRES);
    case 'spark':
      return printSql(understanding, SPARK);
    case 'questdb':
      return printQuestdb(understanding);
    case 'cypher':
      return printCypher(understanding);
  }
}
