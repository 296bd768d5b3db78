import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const CALL = /\b(?:log|plainLog|logger)(?:\.(?:info|warn|error|debug|fatal)|\[level\])\(/gi;
const EVENT = /'([a-z_]+\.[a-z_]+)'/g;

const sources = globSync('src/**/*.ts', { cwd: ROOT }).map((path) => readFileSync(join(ROOT, path), 'utf8'));
const calls = sources.flatMap((source) =>
  [...source.matchAll(CALL)].map(({ index }) => source.slice(index, index + 250)),
);
const documented = new Set(
  [...readFileSync(join(ROOT, 'docs/observability.md'), 'utf8').matchAll(/`([a-z_]+\.[a-z_]+)` \|/g)].map(
    ([, event]) => event,
  ),
);

test('every line of a log is an event', () => {
  expect(calls.length).toBeGreaterThan(50);
  // what is named `said` or is given by a caller holds it
  expect(calls.filter((call) => !/\bevent\b|\(said,/.test(call))).toEqual([]);
});

test('docs/observability.md lists every event, and no other', () => {
  const named = new Set(
    sources
      .flatMap((source) => [
        ...[...source.matchAll(/\bevent: ([^,\n]*)/g)].flatMap(([, value = '']) => [
          ...value.matchAll(EVENT),
        ]),
        ...source.matchAll(/\btell\(deps, '([a-z_]+\.[a-z_]+)'/g),
      ])
      .map(([, event]) => event),
  );
  expect([...named].sort()).toEqual([...documented].sort());
});
