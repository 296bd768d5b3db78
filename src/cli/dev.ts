import { parseArgs } from 'node:util';
import { processEnvironment } from '../config.ts';
import { createLog } from '../log.ts';
import { startDevStack } from './dev/stack.ts';
import { portNumber } from './port-number.ts';
import { untilStopped } from './until-stopped.ts';

const DEFAULT_DATA_DIR = '.ivory';
const DEFAULT_PORT = '8080';

/** `ivory dev`: everything in one process until SIGINT or SIGTERM. */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      'data-dir': { type: 'string', default: DEFAULT_DATA_DIR },
      port: { type: 'string', default: processEnvironment()['PORT'] || DEFAULT_PORT },
    },
  });
  const environment = processEnvironment();
  const log = createLog({
    level: environment['LOG_LEVEL'] ?? 'info',
    pretty: process.stderr.isTTY ?? false,
    role: 'dev',
  });
  const stopped = untilStopped();
  const stack = await startDevStack({
    dataDir: values['data-dir'],
    port: portNumber(values.port),
    environment,
    log,
  });
  process.stdout.write(`ready ${stack.url}\n`);
  log.info({ signal: await stopped }, 'stopping');
  await stack.close();
  return 0;
}
