import type { FoundryTarget } from './catalog.ts';

export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

/** One read-only query that would answer a question. Not yet guarded. */
export interface Plan {
  target: FoundryTarget;
  /** SQL, or Cypher for the graph. */
  query: string;
  explanation: string;
  /** Who made it: the built-in planner, a model, or a person whose answer was verified. */
  planner: 'built-in' | 'model' | 'verified';
}

/** What a planner makes of a question: a plan, a question back, or an honest no. */
export type Planned =
  | { kind: 'plan'; plan: Plan }
  | { kind: 'clarify'; ask: string }
  | { kind: 'unanswerable'; reason: string };
