import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  resolveStagingNames,
  stagingColumnName,
  stagingSchemaName,
  stagingTableName,
} from '../../../src/domain/staging-names.ts';

describe('staging names', () => {
  it('are the ones target-postgres makes', () => {
    expect(['users', 'public-users', 'db-public-Users', 'odd:Name!'].map(stagingTableName)).toEqual([
      'users',
      'users',
      'Users',
      'odd:Name!',
    ]);
    expect(['Cost Total $', 'camelCase', '_id', '1st'].map(stagingColumnName)).toEqual([
      'Cost Total $',
      'camelCase',
      '_id',
      '1st',
    ]);
  });

  it('always fit Postgres and are distinct for distinct fields', () => {
    const field = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 90 }),
      fc.constantFrom('xmin', 'ctid', ''),
    );
    fc.assert(
      fc.property(fc.uniqueArray(field), (fields) => {
        const names = [...resolveStagingNames(fields, stagingColumnName).values()];
        expect(new Set(names).size).toBe(fields.length);
        for (const name of names)
          expect(name !== '' && Buffer.byteLength(name) <= 63 && !name.includes('\0')).toBe(true);
      }),
    );
  });

  it('do not depend on the order of the fields', () => {
    const fields = ['b', `${'y'.repeat(80)}1`, `${'y'.repeat(80)}2`, 'xmin', 'a'];
    const there = resolveStagingNames(fields, stagingColumnName);
    const back = resolveStagingNames(fields.toReversed(), stagingColumnName);
    expect([...there].sort()).toEqual([...back].sort());
  });

  it('a name that is taken by its own owner gets a hash for the other', () => {
    const names = resolveStagingNames(['public-users', 'users', 'other-users'], stagingTableName);
    expect(names.get('users')).toBe('users');
    expect(new Set(names.values()).size).toBe(3);
  });

  it('a schema name holds the source and the connector, in 63 bytes', () => {
    const template = 'etl_staging_{source}_{connector}';
    const id = '0191F3a2-1111-7222-8333-444455556666';
    expect(stagingSchemaName(template, 'Sales Force!', id)).toBe('etl_staging_sales_force_0191f3a2');
    expect(stagingSchemaName('etl_staging_{source}', 'stripe', id)).toBe('etl_staging_stripe');
    const long = [`${'long'.repeat(20)}1`, `${'long'.repeat(20)}2`].map((source) =>
      stagingSchemaName(template, source, id),
    );
    expect(long.every((name) => name.length <= 63 && name.endsWith('_0191f3a2'))).toBe(true);
    expect(new Set(long).size).toBe(2);
  });
});
