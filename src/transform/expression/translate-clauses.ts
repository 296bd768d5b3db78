import type { Clause } from './ast.ts';
import { type Scope, variable } from './scope.ts';

/** Python's scoping: only the first iterable is evaluated outside, so `v` is not visible further in (before 3.12). */
export function translateClauses(clauses: readonly Clause[], scope: Scope) {
  let inner: Scope = scope;
  const written = clauses.map((clause) => {
    const iterable = inner.iterable(clause.iterable, inner);
    inner = {
      ...inner,
      targets: new Set([...inner.targets, ...clause.targets]),
      insideComprehension: true,
    };
    const targets = clause.targets.map(variable);
    const target = clause.unpacks ? `(${targets.map((name) => `${name},`).join(' ')})` : targets[0];
    const conditions = clause.conditions.map((condition) => ` if ${inner.translate(condition, inner).code}`);
    return `for ${target} in ${iterable}${conditions.join('')}`;
  });
  return { clauses: written.join(' '), inner };
}
