import { describe, expect, test } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import { checkExpression } from '../../../src/transform/expression/check-expression.ts';

const REFUSED: [name: string, expression: string, code: string][] = [
  ['nothing at all', '', 'syntax'],
  ['a chain of 200,000 additions', `1${'+1'.repeat(200_000)}`, 'too_long'],
  ['more than 1 KB of multi-byte text', `'${'é'.repeat(600)}'`, 'too_long'],
  ['NUL', "v + '\0'", 'control_character'],
  ['a line break', 'v\n+ 1', 'control_character'],
  ['a lone surrogate', "v == '\ud800'", 'control_character'],
  ['an escaped lone surrogate', "v == '\\ud800'", 'construct_not_supported'],
  ['1 KB of brackets', `${'('.repeat(500)}1${')'.repeat(500)}`, 'too_deep'],
  ['1 KB of lists', `${'['.repeat(500)}${']'.repeat(500)}`, 'too_deep'],
  ['1 KB of minus signs', `${'-'.repeat(1000)}1`, 'too_deep'],
  ['1 KB of not', `${'not '.repeat(200)}v`, 'too_deep'],
  ['1 KB of additions', `1${'+1'.repeat(500)}`, 'too_deep'],
  ['1 KB of powers', `1${'**1'.repeat(300)}`, 'too_deep'],
  ['1 KB of conditionals', `${'1 if v else '.repeat(80)}1`, 'too_deep'],
  ['1 KB of attributes', `v${'.a'.repeat(500)}`, 'too_deep'],
  ['1 KB of calls', `v${'()'.repeat(500)}`, 'too_deep'],
  ['1 KB of indexes', `v${'[0]'.repeat(300)}`, 'too_deep'],
  ['1 KB of comparisons', `v${'<1'.repeat(480)}`, 'too_deep'],
  ['nested f-strings', `f"{f'{v}' + f'{f"{v}"}'}"`, 'syntax'],
  ['two statements', 'v; v', 'syntax'],
  ['an assignment', 'v = 1', 'syntax'],
  ['import', 'import os', 'construct_not_supported'],
  ['__import__', "__import__('os')", 'name_not_allowed'],
  ['eval', "eval('1')", 'name_not_allowed'],
  ['exec', "exec('x = 1')", 'name_not_allowed'],
  ['open', "open('/etc/passwd').read()", 'attribute_not_allowed'],
  ['compile', "compile('1', '', 'eval')", 'name_not_allowed'],
  ['getattr', "getattr(v, '__class__')", 'name_not_allowed'],
  ['globals', 'globals()', 'name_not_allowed'],
  ['locals', 'locals()', 'name_not_allowed'],
  ['vars', 'vars()', 'name_not_allowed'],
  ['print', 'print(v)', 'name_not_allowed'],
  ['input', 'input()', 'name_not_allowed'],
  ['a name of the prelude', '_js_text(v, v)', 'name_not_allowed'],
  ['a name of the batch program', 'vs', 'name_not_allowed'],
  ['os', 'os.environ', 'attribute_not_allowed'],
  ['a module there is not', "__import__('os').environ", 'name_not_allowed'],
  ['the clock', 'datetime.now()', 'attribute_not_allowed'],
  ['the clock of a date', 'date.today()', 'attribute_not_allowed'],
  ['a function a module has not', 're.template(v)', 'attribute_not_allowed'],
  ['dunder attributes of a function', '(lambda: 1).__globals__', 'attribute_not_allowed'],
  ['dunder attributes of a module', 're.__loader__', 'attribute_not_allowed'],
  ['v inside a lambda', '(lambda: v)()', 'name_not_allowed'],
  ['dunder attributes', '().__class__.__bases__[0].__subclasses__()', 'attribute_not_allowed'],
  ['dunder methods', 'v.__class__()', 'attribute_not_allowed'],
  ['format fields that reach into an argument', "'{0.__class__}'.format(v)", 'construct_not_supported'],
  ['methods that change their object', 'v.pop()', 'attribute_not_allowed'],
  ['yield', '(yield v)', 'construct_not_supported'],
  ['await', 'await v', 'construct_not_supported'],
  ['complex numbers', '1j', 'construct_not_supported'],
  ['v inside a comprehension', '[v for x in [1]]', 'name_not_allowed'],
  ['a generator that nobody walks through', '(x for x in v)', 'construct_not_supported'],
  ['map outside list()', 'map(str, v)', 'construct_not_supported'],
  ['identity of other than None, True, False', 'v is 5', 'construct_not_supported'],
  ['a function as the value', 'len', 'construct_not_supported'],
];

describe('checkExpression', () => {
  test.each(REFUSED)('refuses %s', (_name, expression, reason) => {
    expect(codeOf(expression)).toBe(`expression.${reason}`);
  });

  test('names the construct and its column', () => {
    expect(() => checkExpression('1 + eval(v)')).toThrow(
      'Function "eval" is not available in an expression (column 5)',
    );
  });

  test.each([
    'str(v)[:10] if v else None',
    "', '.join(sorted({x.strip().lower() for x in v.split(',')}))",
    'sum(1 for c in str(v) if c.isdigit())',
    "{'Y': True, 'N': False}.get(v, None)",
    "f'{float(v):>12,.2f}'",
    "'%05.1f' % v",
    "'{0:>8}|{name!r}'.format(v, name=1)",
    'int(v, 16)',
    "re.sub(r'[^0-9]', '', v)",
    "datetime.strptime(v, '%d/%m/%Y').date()",
    '(lambda x: x * 2)(v)',
    '[y for x in v if (y := x)]',
    "[*v, b'a']",
    "max(v, key=len, default='')",
    '[a + b for a, b in zip(v, v[1:])]',
    `${'('.repeat(20)}v${')'.repeat(20)}`,
    `v${' + 1'.repeat(100)}`,
  ])('accepts %s', (expression) => {
    expect(() => checkExpression(expression)).not.toThrow();
  });
});

function codeOf(expression: string): string {
  try {
    checkExpression(expression);
    return 'accepted';
  } catch (error) {
    return error instanceof InvalidError ? error.code : String(error);
  }
}
