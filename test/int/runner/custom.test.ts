import { fileURLToPath } from 'node:url';
import { createCustomRunner } from '../../../src/adapters/runner/custom/custom.ts';
import { testProcessHost } from '../../harness/fake-taps.ts';
import { scriptedConfig } from '../../harness/runner-contract/source-script.ts';
import { describeRunnerContract } from '../../harness/runner-contract.ts';

const script = fileURLToPath(new URL('../../harness/runner-contract/script-tap.ts', import.meta.url));

for (const discover of [true, false]) {
  describeRunnerContract({
    name: discover ? 'custom' : 'custom (a tap without a catalog)',
    tapName: 'tap-scripted',

    async open({ pool, idleTimeoutMs }) {
      const taps = new Map([['tap-scripted', { command: [process.execPath, script] as const, discover }]]);
      const runner = createCustomRunner({ host: testProcessHost(), pool, taps, idleTimeoutMs });
      return { runner, config: scriptedConfig, close: async () => {} };
    },
  });
}
