import { expect, test } from 'vitest';
import { runRound } from '../../../scripts/chaos/round.ts';
import { redisUrl } from '../../harness/redis.ts';

const FAULTS = 9;
const MAX_MS = 10 * 60_000;

test.skipIf(redisUrl() === null)(
  'runs of two tenants arrive whole and once while processes, Redis, Postgres and connections fail',
  { timeout: MAX_MS },
  async () => {
    const said: string[] = [];
    const result = await runRound({
      seed: 6_028,
      tenants: 2,
      size: { scheduler: 1, runner: 2, transform: 2, mapping: 1 },
      faultsForMs: MAX_MS,
      maxFaults: FAULTS,
      faultEveryMs: 1_500,
      say: (line) => said.push(line),
    });
    const untrue = result.checks.filter(({ isTrue }) => !isTrue);
    expect(untrue, said.join('\n')).toEqual([]);
    expect(result.faults).toHaveLength(FAULTS);
    expect(result.rowsLoaded).toBeGreaterThan(0);
  },
);
