export interface TransformProposal {
  /** null: the values fit as they are, or nothing proves what they need. */
  expression: string | null;
  /** What the proposal rests on, or what a reviewer should look at. */
  note: string | null;
}

export const NOTHING: TransformProposal = { expression: null, note: null };

/** The documented patterns, word for word: taken wherever they fit. */
export const PATTERNS = {
  isoDate: 'str(v)[:10] if v else None',
  cents: 'float(v)/100 if v else 0.0',
  upper: 'v.strip().upper() if v else None',
  trim: 'v.strip() if v else None',
  boolean: 'bool(v)',
} as const;

/** Text in Python's quotes. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\\']/g, '\\$&');
  return `'${escaped.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u202f]/gu, codeOf)}'`;
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
