/**
 * Column names exactly as the header says them. An empty one becomes `column_<position>`; a name that came before gets `_2`, `_3`,
 * the first that is free in the whole header.
 */
export function uniqueNames(header: readonly string[]): string[] {
  const names = header.map((name, at) => (name === '' ? `column_${at + 1}` : name));
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    const unique = seen.has(name) ? firstFree(name, taken) : name;
    seen.add(unique);
    taken.add(unique);
    return unique;
  });
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  for (let suffix = 2; ; suffix++) if (!taken.has(`${name}_${suffix}`)) return `${name}_${suffix}`;
}
