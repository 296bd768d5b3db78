/** A node as the parser answers it, with its `type`, or a part of one. */
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

export function textIn(branch: Branch, key: string): string | null {
  const value = branch[key];
  return typeof value === 'string' ? value : null;
}

/** The parts of a qualified name. */
export function partsOf(name: Branch): string[] {
  const { parts } = name;
  return Array.isArray(parts) ? parts.filter((part): part is string => typeof part === 'string') : [];
}

/** A whole number written out, with its sign; null for anything else. */
export function wholeNumber(value: unknown): number | null {
  if (!isBranch(value)) return null;
  if (value['type'] === 'unary' && value['operator'] === '-') {
    const positive = wholeNumber(value['operand']);
    return positive === null ? null : -positive;
  }
  const raw = value['type'] === 'literal' && value['literalType'] === 'number' ? value['raw'] : null;
  return typeof raw === 'string' && /^\d{1,15}[lL]?$/.test(raw) ? Number.parseInt(raw, 10) : null;
}
