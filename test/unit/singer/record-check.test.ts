import { describe, expect, it } from 'vitest';
import { compileCheck } from '../../../src/singer/record-check.ts';

const MARK = '\u0080';

/** Schema, values it allows, values it does not. Numbers a double would change are marked, as the reader gives them. */
const KEYWORDS: Record<string, [object, unknown[], unknown[]][]> = {
  'const and enum': [
    [{ const: { a: [1] } }, [{ a: [1] }], [{ a: [2] }, null]],
    [{ const: null }, [null], [0]],
    [{ enum: ['a', 1.1, null] }, ['a', `${MARK}1.10`, null], ['b', 1]],
    [{ enum: [1, 2], const: 2 }, [2], [1]],
  ],
  'bounds of drafts 4 and 6': [
    [{ minimum: 1, exclusiveMinimum: true }, [2], [1]],
    [{ minimum: 1, exclusiveMinimum: false }, [1], [0]],
    [{ exclusiveMinimum: 1 }, [1.5], [1]],
    [{ minimum: 5, exclusiveMinimum: 1 }, [5], [4]],
    [{ maximum: 1, exclusiveMaximum: true }, [0], [1]],
    [{ exclusiveMaximum: 1 }, [`${MARK}0.50`, 'text'], [1, `${MARK}1e3`]],
  ],
  'multipleOf without the errors of doubles': [
    [{ multipleOf: 0.1 }, [0.3, 0.7, 1.1, `${MARK}0.30`, -0.2, 0], [0.35, `${MARK}0.10000000000000000001`]],
    [{ multipleOf: 0.01 }, [19.99, 4.35, `${MARK}1e3`], [0.001]],
    [{ multipleOf: 1e-10 }, [0.1, 123.4567], [1e-11]],
    [{ multipleOf: 3 }, [9, `${MARK}9007199254740993`], [10]],
    [{ multipleOf: 2 }, [`${MARK}1e400`, 'x', null], [`${MARK}9007199254740993`]],
  ],
  texts: [
    [{ minLength: 2, maxLength: 3 }, ['ab', '😀😀😀', 5], ['a', 'abcd', '😀😀😀😀']],
    [{ pattern: '^\\d{3}$' }, ['123', 123], ['1234', 'abc']],
    [{ pattern: '^(?P<year>\\d{4})-\\Z' }, ['2024-'], ['24-']],
    [{ pattern: '(?i)^abc' }, ['ABCd'], ['xabc']],
    [{ pattern: '\\-' }, ['a-b'], ['ab']],
    [{ format: 'email' }, ['nobody'], []],
  ],
  'items, prefixItems, contains': [
    [{ items: [{ type: 'string' }], additionalItems: false }, [['a'], []], [[1], ['a', 1]]],
    [{ items: [{ type: 'string' }], additionalItems: { type: 'number' } }, [['a', 1]], [['a', 'b']]],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, [['a', 1, 2]], [['a', 'b'], [1]]],
    [{ items: 'string' }, [[1]], []],
    [{ minItems: 1, maxItems: 2 }, [[1]], [[], [1, 2, 3]]],
    [
      { uniqueItems: true },
      [[1, '1', { a: 1, b: 2 }]],
      [
        [1, 1],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        [1, `${MARK}1.0`],
      ],
    ],
    [{ contains: { const: 5 } }, [[1, 5]], [[1], []]],
    [{ contains: { const: 5 }, minContains: 0, maxContains: 1 }, [[], [5]], [[5, 5]]],
  ],
  properties: [
    [
      {
        properties: { a: true },
        patternProperties: { '^x-': { type: 'number' } },
        additionalProperties: false,
      },
      [{ a: 1, 'x-1': 2 }],
      [{ 'x-1': 'text' }, { b: 1 }],
    ],
    [
      { properties: { 'x-1': { type: 'number' } }, patternProperties: { '^x-': { minimum: 5 } } },
      [{ 'x-1': 5 }],
      [{ 'x-1': 4 }],
    ],
    [{ additionalProperties: { type: 'number' } }, [{ a: 1 }], [{ a: 'x' }]],
    [{ propertyNames: { maxLength: 1 } }, [{ a: 1 }], [{ ab: 1 }]],
    [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [{}, { a: 1, b: 2 }]],
    [{ dependencies: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
    [{ dependentRequired: { a: ['b'] } }, [{}], [{ a: 1 }]],
    [{ dependentSchemas: { a: { required: ['b'] } } }, [{ b: 1 }], [{ a: 1 }]],
    [{ required: ['toString'] }, [{ toString: 1 }], [{}]],
  ],
  'schemas of schemas': [
    [{ allOf: [{ type: 'number' }, { minimum: 1 }] }, [1], [0, 'x']],
    [{ oneOf: [{ type: 'number' }, { minimum: 5 }] }, [1], [6]],
    [{ not: { type: 'null' } }, [1], [null]],
    [
      JSON.parse('{"if": {"minimum": 5}, "then": {"multipleOf": 5}, "else": {"maximum": 2}}'),
      [10, 1],
      [6, 3],
    ],
    [
      { $defs: { n: { type: 'number' } }, properties: { a: { $ref: '#/$defs/n' } } },
      [{ a: 1 }],
      [{ a: 'x' }],
    ],
    [{ $defs: { n: { $anchor: 'num', type: 'number' } }, items: { $ref: '#num' } }, [[1]], [['x']]],
    [
      { properties: { next: { $ref: '#' }, v: { type: 'number' } } },
      [{ next: { v: 1 } }],
      [{ next: { next: { v: 'x' } } }],
    ],
    [{ definitions: { 'a/b': [{ type: 'null' }] }, $ref: '#/definitions/a~1b/0' }, [null], [1]],
    [{ whatever: 1, 'x-y': {}, unevaluatedProperties: false }, [{ a: 1 }], []],
  ],
};

describe.each(Object.entries(KEYWORDS))('%s', (_what, cases) => {
  it.each(cases)('%j allows %j and not %j', (schema, good, bad) => {
    const check = compileCheck(schema);
    for (const value of good) expect(check(value, 'v')).toBeNull();
    for (const value of bad) expect(check(value, 'v')).toEqual(expect.stringMatching(/^v/));
  });
});

describe('what a hostile schema may cost', () => {
  it.each(['^(a+)+$', '^(a|a)*$', '(x+x+)+y', '^(?:.*,){25}P', 'a*a*a*a*a*a*a*a*b'])(
    'the pattern %s is given up on a text it cannot decide in time, and goes on to answer for others',
    (pattern) => {
      const check = compileCheck({ pattern });
      const hostile = pattern.includes('P')
        ? '1,'.repeat(40)
        : pattern.includes('x')
          ? 'x'.repeat(80)
          : `${'a'.repeat(400)}!`;
      expect(check(hostile, 'v')).toMatch(/takes too long/);
      expect(check('!', 'v')).toMatch(/does not match/);
    },
  );

  it.each([{ $ref: '#/nowhere' }, { $ref: 'https://example.com/schema' }])(
    '%j is told when it is compiled, or allows all',
    (schema) => {
      if (schema.$ref.startsWith('#')) expect(compileCheck(schema)(1, 'v')).toBeNull();
      else expect(() => compileCheck(schema)).toThrow('outside the schema');
    },
  );

  it('a text that is no pattern is refused with the schema', () => {
    expect(() => compileCheck({ pattern: '(' })).toThrow(SyntaxError);
  });
});
