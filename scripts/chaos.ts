import { parseArgs } from 'node:util';
import type { Check } from './chaos/checks/check.ts';
import { runRound } from './chaos/round.ts';

/** `npm run chaos -- [--minutes N] [--seed S] [--tenants 2] [--keep]`: docs/reliability.md. Exit code 1 when a claim does not hold. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string' },
    tenants: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const minutes = Number(values.minutes);
const tenants = Number(values.tenants);
if (![seed, minutes, tenants].every((n) => Number.isFinite(n) && n >= 0) || tenants < 1 || tenants > 6) {
  process.stderr.write('usage: npm run chaos -- [--minutes N] [--seed S] [--tenants 1..6] [--keep]\n');
  process.exit(2);
}

// whose end ends the fleet
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const startedAt = performance.now();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const result = await runRound({ seed, tenants, faultsForMs: minutes * 60_000, keep: values.keep, say });
for (const line of result.checks.flatMap(linesOf)) say(line);
const failed = result.checks.filter(({ isTrue }) => !isTrue).length;
const took = ((performance.now() - startedAt) / 60_000).toFixed(1);
say(`${result.faults.length} faults; runs ${result.runs}; ${result.rowsLoaded} rows loaded; ${took} minutes`);
say(
  failed === 0
    ? `proven: ${result.checks.length} claims hold (seed ${seed})`
    : `NOT PROVEN: ${failed} of ${result.checks.length} claims do not hold (seed ${seed}); everything is in ${result.folder}`,
);
process.exit(failed === 0 ? 0 : 1);

function linesOf({ name, isTrue, counts, details }: Check): string[] {
  return [`${isTrue ? 'ok  ' : 'FAIL'} ${name} (${counts})`, ...details.map((detail) => `       ${detail}`)];
}
