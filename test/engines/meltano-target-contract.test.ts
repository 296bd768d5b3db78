import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { engines } from '../harness/engines.ts';
import { createTestMeltanoRunner, registryWithScript } from '../harness/meltano.ts';
import { scriptedConfig } from '../harness/runner-contract/source-script.ts';
import { describeRunnerContract } from '../harness/runner-contract.ts';

const SCRIPT = fileURLToPath(new URL('../harness/runner-contract/script-tap.ts', import.meta.url));

const SAME_CODE = 'the loader has no part in it: tested with the other one';

describe.skipIf(!engines.hasPlugins())('real Meltano', () => {
  describeRunnerContract({
    name: 'meltano with target-postgres',
    tapName: 'tap-script',
    lacks: {
      'a source that falls silent is ended after the idle timeout, and the run says so': SAME_CODE,
      'a check of a source that answers is good, and stages nothing': SAME_CODE,
      'a check of a source that refuses says what the source said': SAME_CODE,
      'a discovery lists every stream with its keys and the types of its fields': SAME_CODE,
      'a discovery of a source that refuses says what the source said': SAME_CODE,
      'no secret of the config is in what a check or a discovery answers and logs': SAME_CODE,
      'a tap it does not know is refused with the names that are near': SAME_CODE,
    },
    timeoutMs: 240_000,
    async open({ pool, databaseUrl, idleTimeoutMs }) {
      const { tapsFile, remove } = await registryWithScript('tap-script', SCRIPT);
      return {
        runner: createTestMeltanoRunner({
          pool,
          tapsFile,
          idleTimeoutMs,
          loader: { kind: 'target-postgres', databaseUrl },
        }),
        config: scriptedConfig,
        close: remove,
      };
    },
  });
});
