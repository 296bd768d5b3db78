import { askSource } from './ask-source.ts';
import type { SourceProgram } from './source-program.ts';

/** What a source asks of its config: a JSON Schema. */
export type Specification = Record<string, unknown>;

export interface Specifications {
  of(source: SourceProgram): Promise<Specification>;
}

const MOST_KEPT = 200;

/** Asks each environment's source once. A program of this machine may change: it is asked every time. */
export function createSpecifications(): Specifications {
  const kept = new Map<string, Specification>();
  return {
    async of(source) {
      const { executable, folder } = source.environment;
      const known = folder === null ? undefined : kept.get(executable);
      if (known) return known;
      const specification = await askSource(source, ['spec'], (message) =>
        message.type === 'SPEC' ? message.spec.connectionSpecification : null,
      );
      if (kept.size >= MOST_KEPT) kept.clear();
      if (folder !== null) kept.set(executable, specification);
      return specification;
    },
  };
}
