import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { lineOf, resultPath, type Tally, tallyOfVitest, writeTally } from './tally.ts';

/**
 * `test.ts <part> <vitest project...>`: runs the projects, keeps the tally as .results/<part>.json and ends with it alone
 * on a line. Exit 1 when a test failed or, but for the engines which are still to come, when there was none to run.
 */
const [part = 'suite', ...projects] = process.argv.slice(2);
process.exitCode = await main();

async function main(): Promise<number> {
  if (part === 'engines' && globSync('test/engines/**/*.test.ts').length === 0) return noEngineTests();
  const report = resultPath(`${part}-vitest`);
  rmSync(report, { force: true });
  const exitCode = await vitest([
    ...projects.flatMap((name) => ['--project', name]),
    `--outputFile.json=${report}`,
  ]);
  const tally = tallyOf(report, exitCode);
  writeTally(part, tally);
  console.log(lineOf(tally));
  return exitCode === 0 && tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

async function vitest(args: readonly string[]): Promise<number> {
  const reporters = ['default', 'json', './scripts/second-try-reporter.ts'].map(
    (name) => `--reporter=${name}`,
  );
  const child = spawn('node_modules/.bin/vitest', ['run', '--retry=1', ...reporters, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

function tallyOf(report: string, exitCode: number): Tally {
  try {
    const tally = tallyOfVitest(JSON.parse(readFileSync(report, 'utf8')));
    return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch (error) {
    console.error(
      `the test run left no readable report: ${error instanceof Error ? error.message : String(error)}`,
    );
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function noEngineTests(): number {
  console.log(
    '**** NO ENGINE TESTS YET: test/engines/ is empty, nothing was run against Spark, QuestDB, FalkorDB or Meltano',
  );
  const none = { passed: 0, failed: 0, skipped: 0 };
  writeTally('engines', none);
  console.log(lineOf(none));
  return 0;
}
