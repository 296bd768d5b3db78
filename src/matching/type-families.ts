export type TypeFamily = 'text' | 'number' | 'boolean' | 'time' | 'nested' | 'binary';

const FAMILIES: readonly [RegExp, TypeFamily][] = [
  [/^(?:bool|bit\b|checkbox)/, 'boolean'],
  [/date|time|timestamp/, 'time'],
  [
    /^(?:u?int|integer|long|big|small|tiny|float|double|real|num|dec|money|currency|percent|serial|hugeint)/,
    'number',
  ],
  [/^(?:obj|arr|struct|map|list|json|record|variant|super|address)/, 'nested'],
  [/^(?:bin|bytea|blob|varbinary|bytes)/, 'binary'],
  [
    /^(?:str|text|var|char|uuid|id$|reference|email|phone|url|picklist|enum|clob|name|nvarchar|n?char)/,
    'text',
  ],
];

/** The family of a type as any system writes it ("varchar(20)", "number", "date-time"); null when it says nothing. */
export function typeFamily(type: string | undefined): TypeFamily | null {
  const text = (type ?? '').trim().toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Factor of at most 1: how well values of one family fit in a column of the other. Text can hold anything, and often does. */
export function typeAgreement(a: TypeFamily | null, b: TypeFamily | null): number {
  if (a === null || b === null || a === b) return 1;
  if (a === 'text') return b === 'time' ? 0.97 : b === 'nested' ? 0.8 : 0.88;
  if (b === 'text') return a === 'time' ? 0.85 : 0.9;
  if (a === 'number' && b === 'boolean') return 0.8;
  if (a === 'number' && b === 'time') return 0.8;
  return 0.65;
}
