import { readFileSync } from 'node:fs';

/** The prelude's definitions by name, each with the prelude's names it uses. */
export type Prelude = ReadonlyMap<string, Definition>;

interface Definition {
  source: string;
  uses: readonly string[];
}

const FILES = ['numbers', 'convert', 'compare', 'text', 'result'];
const DEFINITION = /^(?:def (_\w+)|(_\w+) = )/;
const NAMES = /\b_[A-Za-z]\w*/g;

/** Reads the Python functions that make the engine answer as CPython does (prelude/*.py). */
export function readPrelude(): Prelude {
  const files = FILES.map((name) => readFileSync(new URL(`./prelude/${name}.py`, import.meta.url), 'utf8'));
  const blocks = files.flatMap((text) => text.split(/\n(?=def _|_\w+ = )/));
  const named = blocks.flatMap((source) => {
    const match = DEFINITION.exec(source);
    const name = match?.[1] ?? match?.[2];
    return name ? [{ name, source: source.trim() }] : [];
  });
  const known = new Set(named.map(({ name }) => name));
  return new Map(
    named.map(({ name, source }) => [
      name,
      { source, uses: usedNames(source).filter((used) => known.has(used)) },
    ]),
  );
}

/**
 * The source of what `code` needs, each definition after those it uses: the engine binds a function's globals when it is defined,
 * so a function sees only what stands above it.
 */
export function preludeFor(code: string, prelude: Prelude): string {
  const done = new Set<string>();
  const sources = ['import math'];
  const add = (name: string) => {
    const definition = prelude.get(name);
    if (!definition || done.has(name)) return;
    done.add(name);
    for (const used of definition.uses) add(used);
    sources.push(definition.source);
  };
  for (const name of usedNames(code)) add(name);
  return sources.join('\n');
}

function usedNames(source: string): string[] {
  return [...new Set(source.match(NAMES))];
}
