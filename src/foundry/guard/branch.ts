/** A node of a parse tree, or a part of one, as a parser answers it. */
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
