import { lineOf, readTally, sum, type Tally } from './tally.ts';

/** `count-tests.ts <part...>`: one line per part, the sum last and alone: "12 passed, 0 failed". Exit 1 on a failure or a missing result. */
const tallies = process.argv.slice(2).map((part) => {
  const tally = tallyOrFailure(part);
  console.log(`${part.padEnd(10)} ${lineOf(tally)}`);
  return tally;
});
const total = sum(tallies);
console.log(lineOf({ ...total, skipped: 0 }));
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;

function tallyOrFailure(part: string): Tally {
  try {
    return readTally(part);
  } catch (error) {
    console.error(`${part}: no result (${error instanceof Error ? error.message : String(error)})`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
