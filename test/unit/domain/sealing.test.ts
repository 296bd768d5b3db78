import { describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/domain/sealing.ts';

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const place = { tenantId: 'acme', connectorId: 'c1', field: 'webhook_secret' };

describe('a sealed secret', () => {
  test('opens where it was sealed, and never twice looks the same', () => {
    const sealer = createSealer(KEY);
    const sealed = sealer.seal('sesame', place);
    expect(sealer.open(sealed, place)).toBe('sesame');
    expect(sealer.seal('sesame', place)).not.toBe(sealed);
  });

  test.each([{ tenantId: 'globex' }, { connectorId: 'c2' }, { field: 'config' }])(
    'moved to %j does not open',
    (moved) => {
      const sealer = createSealer(KEY);
      const sealed = sealer.seal('sesame', place);
      expect(() => sealer.open(sealed, { ...place, ...moved })).toThrow(
        expect.objectContaining({ code: 'secret.unreadable' }),
      );
    },
  );

  test('changed in any character does not open', () => {
    const sealer = createSealer(KEY);
    const sealed = sealer.seal('sesame', place);
    for (let i = 0; i < sealed.length; i++) {
      const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`;
      expect(() => sealer.open(changed, place)).toThrow();
    }
  });

  test('sealed with an old key opens while that key is kept, and not after', () => {
    const sealed = createSealer(OTHER).seal('sesame', place);
    expect(createSealer(KEY, [OTHER]).open(sealed, place)).toBe('sesame');
    expect(() => createSealer(KEY).open(sealed, place)).toThrow();
  });
});
