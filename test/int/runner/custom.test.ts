import { fileURLToPath } from 'node:url';
import { createCustomRunner } from '../../../src/adapters/runner/custom/custom.ts';
import { createProcessHost, type SandboxMode } from '../../../src/adapters/runner/process/process-host.ts';
import { scriptedConfig } from '../../harness/runner-contract/source-script.ts';
import { describeRunnerContract } from '../../harness/runner-contract.ts';

const SCRIPT = fileURLToPath(new URL('../../harness/runner-contract/script-tap.ts', import.meta.url));
const LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };

function describeCustomRunner(name: string, discover: boolean, sandbox: SandboxMode): void {
  describeRunnerContract({
    name,
    tapName: 'tap-scripted',
    async open({ pool, idleTimeoutMs }) {
      const taps = new Map([['tap-scripted', { command: [process.execPath, SCRIPT] as const, discover }]]);
      const host = createProcessHost({ limits: LIMITS, sandbox });
      const runner = createCustomRunner({ host, pool, taps, idleTimeoutMs });
      return { runner, config: scriptedConfig, close: async () => {} };
    },
  });
}

describeCustomRunner('custom', true, 'off');
describeCustomRunner('custom, in a sandbox where there is one, of a tap without a catalog', false, 'auto');
