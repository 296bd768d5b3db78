import fc from 'fast-check';

const LEAVES = [
  'v',
  'None',
  'True',
  '0',
  '1',
  '-2',
  '7',
  '2.5',
  '-0.0',
  '1e16',
  "''",
  "'a'",
  "'12'",
  "'a,b'",
  "'é'",
  '[]',
  '[1, 2]',
  "['b', 'a']",
  "{'a': 1}",
  '(1, 2.0)',
  "Decimal('1.10')",
  'date(2024, 2, 29)',
  'timedelta(hours=30)',
];
const BINARY = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '<',
  '<=',
  '==',
  '!=',
  '>',
  'in',
  'not in',
  'and',
  'or',
  '&',
  '|',
];
const WRAPS = [
  'str(X)',
  'repr(X)',
  'int(X)',
  'float(X)',
  'bool(X)',
  'abs(X)',
  'round(X)',
  'round(X, 1)',
  'len(X)',
  'sorted(X)',
  'list(X)',
  'sum(X)',
  'max(X)',
  'min(X, default=0)',
  'not X',
  '-X',
  'X[0]',
  'X[1:]',
  'X[::-1]',
  'X.strip()',
  'X.upper()',
  "X.split(',')",
  "X.replace('a', 'b')",
  "X.get('a')",
  "f'{X}'",
  "f'{X:>8}'",
  "f'{X:.2f}'",
  "'%s' % (X,)",
  "'{:,}'.format(X)",
  '[x for x in X]',
  '[y for y in X if y]',
  '{x: 1 for x in X}',
  'any(x for x in X)',
  '(lambda x: x)(X)',
  'Decimal(X)',
  'json.dumps(X)',
  "re.findall('[a-z0-9]', X)",
  'X.isoformat()',
  '(X if v else X)',
  'isinstance(X, (int, str))',
  "', '.join(X)",
  'dict(X)',
  'tuple(X)',
  'divmod(X, 3)',
  '(X) ** 2',
];

/** A grammar of small expressions: leaves, what wraps one, what joins two. */
export const randomExpression: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(...LEAVES),
    fc
      .tuple(fc.constantFrom(...WRAPS), tie('expression'))
      .map(([wrap, inner]) => wrap.replaceAll('X', () => quoted(wrap, inner))),
    fc
      .tuple(tie('expression'), fc.constantFrom(...BINARY), tie('expression'))
      .map(([left, op, right]) => `(${left} ${op} ${right})`),
  ),
})).expression;

/** Inside an f-string a field holds no quotes: there a name stands in. */
function quoted(wrap: string, inner: string): string {
  if (wrap.startsWith("f'") && /['"\\]/.test(inner)) return 'v';
  return /^[A-Za-z(]/.test(inner) ? inner : `(${inner})`;
}
