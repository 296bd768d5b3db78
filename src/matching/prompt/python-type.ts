const TYPES: readonly [RegExp, string][] = [
  [/^(bigint|integer|smallint)$/, 'int'],
  [/^numeric/, 'Decimal'],
  [/^(double precision|real)$/, 'float'],
  [/^boolean$/, 'bool'],
  [/^jsonb?$/, 'dict or list'],
  [/^timestamp/, 'datetime'],
  [/^date$/, 'date'],
  [/^time/, 'time'],
  [/^bytea$/, 'bytes'],
];

/** What `v` is in an expression over a staging column (docs/expressions.md). */
export function pythonType(stagingType: string): string {
  return TYPES.find(([pattern]) => pattern.test(stagingType))?.[1] ?? 'str';
}
