import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Tally, writeTally } from './tally.ts';

interface Step {
  name: string;
  command: readonly [program: string, ...args: string[]];
}

const STEPS: readonly Step[] = [
  {
    name: 'unit tests',
    command: ['node_modules/.bin/vitest', 'run', '--project', 'unit', '--reporter=default'],
  },
  { name: 'types', command: ['node_modules/.bin/tsc', '--noEmit'] },
  { name: 'dead code', command: ['node_modules/.bin/knip', '--no-config-hints'] },
  { name: 'migrations', command: [process.execPath, 'scripts/check-migrations.ts'] },
  {
    name: 'format and lint',
    command: ['node_modules/.bin/biome', 'ci', '--colors=off', '--error-on-warnings', '.'],
  },
  { name: 'import direction', command: [process.execPath, 'scripts/check-architecture.ts'] },
  { name: 'lock file', command: [process.execPath, 'scripts/complete-lock-file.ts', '--check'] },
];

const started = performance.now();
const results = await Promise.all(STEPS.map(timed));
const failed = results.filter((passed) => !passed).length;
const tally: Tally = { passed: results.length - failed, failed, skipped: 0 };
writeTally('verify', tally);
console.log(`verify: ${tally.passed} of ${results.length} checks passed in ${seconds(started)}`);
if (failed > 0) process.exitCode = 1;

/** Runs one step: a line when it passed, all it said when it did not. */
async function timed({ name, command: [program, ...args] }: Step): Promise<boolean> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = await once(child, 'close');
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${seconds(start)}`);
  if (code !== 0) console.log(Buffer.concat(said).toString('utf8').replaceAll(/^/gm, '     '));
  return code === 0;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
