import { describe, expect, test } from 'vitest';
import { lakehouseError } from '../../../src/adapters/lakehouse/postgres-errors.ts';

const coded = (code: string) => Object.assign(new Error('said so'), { code });

describe('an error of the lakehouse', () => {
  test.each(['EPIPE', 'EBUSY', 'ECONNRESET', '08006', '40001', '57P01', 'XX000'])(
    'with code %s may pass',
    (code) => {
      expect(lakehouseError(coded(code))).toMatchObject({
        code: 'lakehouse.unavailable',
        retry: 'transient',
      });
    },
  );

  test.each(['22003', '42P01', '23505'])('with SQLSTATE %s is a refusal', (code) => {
    expect(lakehouseError(coded(code))).toMatchObject({ code: 'lakehouse.refused', retry: 'terminal' });
  });
});
