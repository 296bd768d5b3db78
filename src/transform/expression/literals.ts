/** A Python literal of ASCII only. */
export function stringLiteral(value: string): string {
  const escaped = value.replace(/[^ !#-&(-[\]-~]/gu, (char) => {
    if (char === '\\' || char === "'") return `\\${char}`;
    return `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
  });
  return `'${escaped}'`;
}

export function floatLiteral(value: number): string {
  if (!Number.isFinite(value)) return '_INF';
  const digits = String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
