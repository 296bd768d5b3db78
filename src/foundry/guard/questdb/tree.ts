import { type Branch, isBranch } from '../branch.ts';

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
