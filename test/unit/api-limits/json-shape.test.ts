import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shapeFault } from '../../../src/api/limits/json-shape.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('the shape of a document', () => {
  test('is as deep as what it is parsed to, whatever its texts hold', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        const members = text.length;
        expect(shapeFault(bytes(text), { depth, members })).toBeNull();
        if (depth > 0) expect(shapeFault(bytes(text), { depth: depth - 1, members })).toBe('too_deep');
      }),
    );
  });

  test.each([
    ['[1,2,3]', 3],
    ['{"a":1,"b":[2,3]}', 4],
    ['[[],[],[]]', 6],
    ['"a,b,[{"', 0],
    ['["\\",[[[", 1]', 2],
  ])('%s has at most %i members', (text, members) => {
    expect(shapeFault(bytes(text), { depth: 9, members })).toBeNull();
    if (members > 0)
      expect(shapeFault(bytes(text), { depth: 9, members: members - 1 })).toBe('too_many_members');
  });

  test('is told of what is no JSON, too, without failing', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        const fault = shapeFault(any, { depth: 2, members: 5 });
        expect([null, 'too_deep', 'too_many_members']).toContain(fault);
      }),
    );
  });
});
