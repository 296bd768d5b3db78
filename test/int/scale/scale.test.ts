import { expect, test } from 'vitest';
import { run } from '../../../bench/scale.ts';

test('the benchmark of scale carries its runs with real processes, verifies them and says what they cost', async () => {
  const sizes = {
    connectors: 200,
    tenants: 10,
    runs: 20,
    history: 400,
    schedulers: 1,
    runners: 1,
    transforms: 1,
    apis: 0,
  };
  const said: string[] = [];
  const pauses = { restMs: 200, settleMs: 100, untilDueMs: 500 };
  const outcome = await run({ rounds: 1, sizes, pauses, say: (line) => void said.push(line) });
  expect(outcome.ok).toBe(true);
  expect(outcome.sides['first runs (they make their tables)']).toMatchObject({
    lag_claimed_s: [expect.any(Number), expect.any(Number), expect.any(Number)],
    statements_per_run: expect.any(Number),
    cpu_ms_per_run: expect.any(Number),
    'slowest 1': expect.stringContaining('calls'),
  });
  expect(outcome.sides['dispatch of all connectors']).toMatchObject({ seconds: expect.any(Number) });
  expect(said.join('\n')).toContain('20 ended');
}, 180_000);
