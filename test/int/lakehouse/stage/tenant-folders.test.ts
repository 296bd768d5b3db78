import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptPath } from '../../../../src/adapters/lakehouse/stage/stage-paths.ts';

const ATTEMPT = '300011f2-1fcb-43e0-a008-35527d6bf874';
const BATCH = '2ed6657d-e927-568b-95e1-2665a8aea6a2';

test('any two tenants have different folders, also where names are compared without case', {
  timeout: 120_000,
}, () => {
  const folder = (tenantId: string) => attemptPath({ tenantId, batchId: BATCH }, ATTEMPT).toLowerCase();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      fc.pre(one !== other);
      expect(folder(one)).not.toBe(folder(other));
    }),
  );
  const likely = [
    'acme',
    'Acme',
    'ACME',
    ' acme',
    'acme ',
    'acmé',
    'ac-me',
    'ac/me',
    'ac_me',
    '\ud800',
    '\ud801',
  ];
  expect(new Set(likely.map(folder)).size).toBe(likely.length);
});
