import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { sandboxes, temporaryFolder } from '../../harness/process-hosts.ts';
import { processesOf } from '../../harness/runner-contract/left-behind.ts';
import { until } from '../../harness/until.ts';

const WORKER = fileURLToPath(new URL('../../fixtures/taps/worker-with-tap.ts', import.meta.url));

test.each(sandboxes())(
  'sandbox %s: with a worker that is killed go its tap, what that has started, and its working folder',
  async (sandbox) => {
    const scratch = join(await temporaryFolder(), 'run');
    await mkdir(join(scratch, 'closed'), { recursive: true, mode: 0o500 });
    await writeFile(join(scratch, 'config.json'), '{}', { mode: 0o600 });
    const worker = spawn(process.execPath, [WORKER, sandbox, scratch], {
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void worker.kill('SIGKILL'));
    for await (const line of createInterface({ input: worker.stdout })) if (line === 'ready') break;
    expect(await processesOf(scratch)).not.toEqual([]);
    worker.kill('SIGKILL');
    await until(
      'nothing of it is left',
      async () => !existsSync(scratch) && (await processesOf(scratch)).length === 0,
    );
  },
);
