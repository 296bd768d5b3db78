import { type SourceFields, widerType } from '../../domain/source-drift.ts';

/** The fields of each stream as a run's source says them. */
export interface ToldSchemas {
  take(stream: string, fields: SourceFields): void;
  streams(): ReadonlyMap<string, SourceFields>;
}

/** A source may say a stream's schema more than once, as for each of its files: then the stream has the fields of all of them. */
export function createToldSchemas(): ToldSchemas {
  const told = new Map<string, Map<string, string>>();
  return {
    take(stream, fields) {
      const known = told.get(stream) ?? new Map<string, string>();
      for (const [field, type] of Object.entries(fields)) {
        const before = known.get(field);
        known.set(field, before === undefined ? type : widerType(before, type));
      }
      told.set(stream, known);
    },
    streams: () => new Map([...told].map(([stream, fields]) => [stream, Object.fromEntries(fields)])),
  };
}
