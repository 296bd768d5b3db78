import fc from 'fast-check';
import { type LakeType, type LakeValue, parseLakeType } from '../../src/domain/lake-type.ts';

const leafType = fc.constantFrom(...['long', 'string', 'boolean', 'double'].map(parseLakeType));
/** Types of strings, longs, booleans and doubles, four deep at most; fields are n0, n1, .. */
export const { type: anyType } = fc.letrec<{ type: LakeType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    leafType,
    fc.record({ kind: fc.constant('list' as const), element: tie('type') }),
    fc.record({
      kind: fc.constant('map' as const),
      key: fc.constant({ kind: 'string' as const }),
      value: tie('type'),
    }),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((types) => ({
      kind: 'struct' as const,
      fields: types.map((type, n) => ({ name: `n${n}`, type })),
    })),
  ),
}));

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));

/** Values of the type, nulls and empty ones among them; no map has a key twice. */
export function valueFor(type: LakeType): fc.Arbitrary<LakeValue> {
  switch (type.kind) {
    case 'long':
      return fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
    case 'boolean':
      return fc.option(fc.boolean());
    case 'double':
      return fc.option(fc.double());
    case 'list':
      return fc.option(fc.array(valueFor(type.element), { maxLength: 4 }));
    case 'map': {
      const key = text.filter((name) => name !== '__proto__');
      const pair = fc.tuple(key, valueFor(type.value));
      return fc.option(fc.uniqueArray(pair, { maxLength: 3, selector: ([name]) => name }));
    }
    case 'struct':
      return fc.option(fc.tuple(...type.fields.map((field) => valueFor(field.type))));
    default:
      return fc.option(text);
  }
}
