import { fail } from '../python/errors.ts';
import { setItem } from '../python/hash-key.ts';
import { iterate } from '../python/iterate.ts';
import { isMapping, type Py, type PyDict, typeName } from '../python/values.ts';
import type { Node } from './ast.ts';
import type { Env, Run, Scope } from './scope.ts';

/** The elements of a list, tuple, set or call, starred ones walked through. */
export function compileItems(items: readonly Node[], scope: Scope): (env: Env) => Py[] {
  const { meter } = scope.world;
  const parts = items.map((item) => ({
    starred: item.kind === 'starred',
    run: scope.compile(item.kind === 'starred' ? item.value : item, scope),
  }));
  if (parts.every(({ starred }) => !starred)) {
    const runs = parts.map(({ run }) => run);
    const [only] = runs;
    if (only && runs.length === 1) return (env) => [only(env)];
    return (env) => {
      meter.allocate(runs.length * 8 + 32);
      return runs.map((run) => run(env));
    };
  }
  return (env) => {
    const values: Py[] = [];
    for (const { starred, run } of parts) {
      if (!starred) values.push(run(env));
      else
        for (const item of iterate(meter, run(env))) {
          meter.allocate(8);
          values.push(item);
        }
    }
    return values;
  };
}

export function compileDict(entries: readonly [Node | null, Node][], scope: Scope): Run {
  const { meter } = scope.world;
  const parts = entries.map(([key, value]) => ({
    key: key ? scope.compile(key, scope) : null,
    value: scope.compile(value, scope),
  }));
  return (env) => {
    const dict: PyDict = { kind: 'dict', entries: new Map() };
    for (const { key, value } of parts) {
      if (key) {
        const at = key(env);
        setItem(meter, dict, at, value(env));
        continue;
      }
      const source = value(env);
      if (!isMapping(source)) throw fail('TypeError', `'${typeName(source)}' object is not a mapping`);
      for (const [at, item] of source.entries.values()) setItem(meter, dict, at, item);
    }
    return dict;
  };
}
