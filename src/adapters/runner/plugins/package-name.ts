/** A package's name without its extras, as indexes compare it: https://packaging.python.org/en/latest/specifications/name-normalization/ */
export function normalizedName(name: string): string {
  return name
    .replace(/\[.*$/, '')
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '-');
}
