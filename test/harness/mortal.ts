import type { Deps } from '../../src/context.ts';
import type { Database } from '../../src/db/client.ts';
import type { Lakehouse } from '../../src/ports/lakehouse.ts';

/** Thrown for everything a killed process would still have tried. */
export class Killed extends Error {
  constructor() {
    super('this process was killed');
  }
}

const STATEMENTS = new Set(['select', 'insert', 'update', 'delete', 'execute', '$count']);

type Method = (...args: unknown[]) => unknown;
type Spend = () => void;

/**
 * Deps of a process that is killed after so many calls of the database or the lakehouse: the transaction it is in is rolled back, one it
 * has just committed stays, and nothing it tries afterwards reaches anything.
 */
export function mortalDeps(deps: Deps, calls: number): Deps {
  let left = calls;
  const spend = () => {
    if (left <= 0) throw new Killed();
    left -= 1;
  };
  return {
    ...deps,
    database: mortalDatabase(deps.database, spend),
    lakehouse: mortalCalls(deps.lakehouse, spend),
  };
}

function mortalDatabase(database: Database, spend: Spend): Database {
  const sql = new Proxy(database.sql, {
    apply(target, self, args) {
      spend();
      return Reflect.apply(target, self, args);
    },
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      return name === 'unsafe' ? spending(target, value, spend) : value;
    },
  });
  return { ...database, db: mortalDb(database.db, spend), sql };
}

function mortalDb<Db extends object>(db: Db, spend: Spend): Db {
  return new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'transaction') return mortalTransaction(target, value, spend);
      return STATEMENTS.has(String(name)) ? spending(target, value, spend) : value;
    },
  });
}

function mortalTransaction(db: object, transaction: unknown, spend: Spend): Method {
  return async (work, ...rest) => {
    spend();
    const inside = (tx: object) => (work as Method)(mortalDb(tx, spend));
    const value = await (transaction as Method).call(db, inside, ...rest);
    spend();
    return value;
  };
}

function mortalCalls(lakehouse: Lakehouse, spend: Spend): Lakehouse {
  return new Proxy(lakehouse, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? spending(target, value, spend) : value;
    },
  });
}

function spending(target: object, method: unknown, spend: Spend): Method {
  return (...args) => {
    spend();
    return (method as Method).apply(target, args);
  };
}
