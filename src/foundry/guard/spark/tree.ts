/** A node, or a part of one, as the parser answers it: an expression is an object of one key, its kind. */
export interface Branch {
  [key: string]: unknown;
}

export function isBranch(value: unknown): value is Branch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What `branch` holds under `key`; {} when that is no object. */
export function under(branch: Branch, key: string): Branch {
  const value = branch[key];
  return isBranch(value) ? value : {};
}

/** The objects in the list under `key`. */
export function listed(branch: Branch, key: string): Branch[] {
  const value = branch[key];
  return Array.isArray(value) ? value.filter(isBranch) : [];
}

/** Kind and content of an expression; null for anything else. */
export function expression(value: unknown): { kind: string; content: Branch } | null {
  if (!isBranch(value)) return null;
  const [kind, ...others] = Object.keys(value);
  if (kind === undefined || others.length > 0) return null;
  return { kind, content: under(value, kind) };
}

/** A name as the parser keeps it, in `{name, quoted}`. */
export function nameIn(branch: Branch, key: string): string | null {
  const { name } = under(branch, key);
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Null, false, an empty list: said of a tree, "not there". */
export function isAbsent(value: unknown): boolean {
  return (
    value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0)
  );
}

/** The digits of a whole number written out; null for anything else. */
export function wholeNumber(value: unknown): number | null {
  const node = expression(value);
  if (node?.kind === 'neg') {
    const positive = wholeNumber(node.content['this']);
    return positive === null ? null : -positive;
  }
  const { literal_type: type, value: digits } = node?.kind === 'literal' ? node.content : {};
  return type === 'number' && typeof digits === 'string' && /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
