import { type Branch, isBranch, under } from '../branch.ts';

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
