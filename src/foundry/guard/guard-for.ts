import type { Dialect } from '../../domain/foundry/catalog.ts';
import type { Guard } from '../../domain/foundry/guard.ts';

/** A parser is megabytes of WASM or grammar: none is loaded before its dialect is asked for. */
const GUARDS: Record<Dialect, () => Promise<Guard>> = {
  spark: async () => (await import('./spark/guard.ts')).guardSpark,
  questdb: async () => (await import('./questdb/guard.ts')).guardQuestdb,
  postgres: async () => (await import('./postgres/guard.ts')).guardPostgres,
  cypher: async () => (await import('./cypher/guard.ts')).guardCypher,
};

/** The guard of a dialect. */
export function guardFor(dialect: Dialect): Guard {
  return async (request) => (await GUARDS[dialect]())(request);
}
