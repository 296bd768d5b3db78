import { parseArgs } from 'node:util';
import { processEnvironment } from '../config.ts';
import { createLog } from '../log.ts';
import { startDevStack } from './dev/stack.ts';
import { portNumber } from './port-number.ts';
import { runUntilStopped } from './run-until-stopped.ts';

const DEFAULT_DATA_DIR = '.ivory';
const DEFAULT_PORT = '8080';
/** Its Postgres is to end in order. */
const STOP_MS = 60_000;

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
    pretty: process.stderr.isTTY || environment['LOG_PRETTY'] === 'true',
    role: 'dev',
  });
  const port = portNumber(values.port);
  return runUntilStopped({ drainMs: STOP_MS, startMs: STOP_MS }, async () => {
    const stack = await startDevStack({ dataDir: values['data-dir'], port, environment, log });
    return {
      ready: stack.url,
      async drain() {
        log.info({ event: 'process.stopping' }, 'stopping');
      },
      close: stack.close,
    };
  });
}
