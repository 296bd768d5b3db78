import { expect, test } from 'vitest';
import { stagedCounter } from '../../../src/services/runs/count-staged.ts';
import { openMeter } from '../../harness/meter.ts';

test('of sums that are told again and again each row is counted once, over all streams', async () => {
  const { metrics, raised } = openMeter();
  const count = stagedCounter(metrics, 'meltano');
  count({ a: { rows: 10, bytes: 100 } });
  count({ a: { rows: 10, bytes: 100 } });
  count({ a: { rows: 15, bytes: 150 }, b: { rows: 1, bytes: 5, rejected: 2 } });
  count({});
  expect(await raised()).toEqual({
    'ivory_staged_rows_total{connector_type="meltano"}': 16,
    'ivory_staged_bytes_total{connector_type="meltano"}': 155,
  });
});
