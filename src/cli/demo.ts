import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { signToken } from '../api/token.ts';
import { processEnvironment } from '../config.ts';
import { AppError } from '../errors.ts';
import { createLog } from '../log.ts';
import { createTeller, type DemoAccount, readable } from './demo/account.ts';
import { createApiClient } from './demo/http.ts';
import { DEMO_TENANT, runDemo } from './demo/run.ts';
import { type DevStack, startDevStack } from './dev/stack.ts';
import { untilStopped } from './until-stopped.ts';

/** `ivory demo [--json]`: the main job end to end on real data. Exit 0 only if every check holds; leaves nothing behind. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { json: { type: 'boolean', default: false } } });
  const out = values.json ? process.stderr : process.stdout;
  const { tell, seconds } = createTeller((line) => out.write(`${line}\n`));
  const dataDir = await mkdtemp(join(tmpdir(), 'ivory-demo-'));
  try {
    const account = { ...(await onStack(dataDir, tell)), seconds: seconds() };
    process.stdout.write(values.json ? `${JSON.stringify(account, null, 2)}\n` : readable(account));
    return account.checks.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function onStack(dataDir: string, tell: (text: string) => void): Promise<Omit<DemoAccount, 'seconds'>> {
  const environment = withoutSurroundings(processEnvironment());
  const log = createLog({ level: environment['LOG_LEVEL'] ?? 'warn', pretty: false, role: 'demo' });
  const stack = await startDevStack({ dataDir, port: 0, environment, log });
  tell(`embedded Postgres, API and the four pools are up at ${stack.url}`);
  const stopped = untilStopped().then((reason) =>
    Promise.reject(new AppError('demo.stopped', `stopped by ${reason}`, 'terminal')),
  );
  try {
    return await Promise.race([drive(stack, tell), stopped]);
  } finally {
    await stack.close();
    tell('everything stopped, nothing left behind');
  }
}

async function drive(stack: DevStack, tell: (text: string) => void) {
  const folder = join(stack.dataDir, 'files', DEMO_TENANT);
  await mkdir(folder, { recursive: true });
  const token = await signToken(stack.config.JWT_SECRET ?? '', { tenantId: DEMO_TENANT, ttlS: 600 });
  return runDemo({ stack, api: createApiClient(stack.url, token), folder, tell });
}

/** The demo shows the embedded stack, whatever the surroundings point at. */
function withoutSurroundings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { LOG_LEVEL: environment['LOG_LEVEL'] };
}
