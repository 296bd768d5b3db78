import { expect, it } from 'vitest';
import { safeWords } from '../../../src/foundry/safe-words.ts';

const own = new Set(['ivory_tenant_acme', 'deals', 'reader_notes']);

it.each([
  ['relation "ivory_tenant_rival.deals" does not exist', 'relation "….deals" does not exist'],
  ['relation "ivory_tenant_acme.deals" does not exist', 'relation "ivory_tenant_acme.deals" does not exist'],
  ['permission denied for role ivory_reader_ab12', 'permission denied for role …'],
  ['see etl_staging_stripe_0badcafe', 'see …'],
  ['column "reader_notes" is text', 'column "reader_notes" is text'],
  ['cannot open /var/lib/postgresql/data/base at 10.1.2.3:5432', 'cannot open … at …'],
])('%s', (given, expected) => {
  expect(safeWords(given, own)).toBe(expected);
});
