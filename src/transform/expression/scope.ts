import type { Node } from './ast.ts';
import type { StaticType } from './builtins.ts';

/** Source for the engine and what is known of its value. */
export interface Translated {
  code: string;
  type: StaticType;
}

/** Where a node stands, and the translation its parts call each other by (so that no file imports another in a circle). */
export interface Scope {
  /** Loop variables of the comprehensions around. */
  targets: ReadonlySet<string>;
  insideComprehension: boolean;
  translate(node: Node, scope: Scope): Translated;
  /** Something that is walked through: here an iterator may stand. */
  iterable(node: Node, scope: Scope): string;
}

/** User names never meet the prelude's or the engine's. */
export function variable(name: string): string {
  return `n_${name}`;
}
