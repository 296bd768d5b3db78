import { expect, test } from 'vitest';
import { runIvory } from '../../harness/processes.ts';

interface Account {
  connector_id: string;
  runs: { status: string; rows_loaded: number }[];
  rows_synced: number;
  rows_loaded: number;
  transform_errors: number;
  tables: string[];
  checks: { name: string; ok: boolean; expected: unknown; actual: unknown }[];
}

test('the demo carries 10,000 real records in two runs and every check holds', {
  timeout: 90_000,
}, async () => {
  const account = JSON.parse(await runIvory(['demo', '--json'], {})) as Account;
  expect(account.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(account).toMatchObject({
    runs: [
      { status: 'completed', rows_loaded: 6_000 },
      { status: 'completed', rows_loaded: 4_000 },
    ],
    rows_synced: 10_000,
    rows_loaded: 10_000,
    transform_errors: 0,
    tables: ['ivory_tenant_birdwatch.bird_strikes'],
  });
  expect(account.checks.find(({ name }) => name === 'sum of total_cost_usd')?.actual).toBe(40_545_276);
});
