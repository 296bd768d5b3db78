import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { engines } from '../harness/engines.ts';
import { createTestMeltanoRunner, registryWithScript } from '../harness/meltano.ts';
import { scriptedConfig } from '../harness/runner-contract/source-script.ts';
import { describeRunnerContract } from '../harness/runner-contract.ts';

const SCRIPT = fileURLToPath(new URL('../harness/runner-contract/script-tap.ts', import.meta.url));

describe.skipIf(!engines.hasPlugins())('real Meltano', () => {
  describeRunnerContract({
    name: 'meltano',
    tapName: 'tap-script',
    // longer than Meltano and a tap need to come up
    silenceMs: 15_000,
    timeoutMs: 240_000,
    async open({ pool, idleTimeoutMs }) {
      const { tapsFile, remove } = await registryWithScript('tap-script', SCRIPT);
      return {
        runner: createTestMeltanoRunner({ pool, tapsFile, idleTimeoutMs }),
        config: scriptedConfig,
        close: remove,
      };
    },
  });
});
